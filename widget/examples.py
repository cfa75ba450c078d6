"""How a Client's server signs who its customer is: examples that the install page shows, with KID filled in."""

_PYTHON = """\
# pip install pyjwt
import time
import jwt

def livecaller_token(user):
    claims = {"sub": str(user.id), "iat": int(time.time()), "name": user.name, "email": user.email}
    return jwt.encode(claims, SECRET, algorithm="HS256", headers={"kid": "KID"})
"""

_NODE = """\
// npm install jsonwebtoken
import jwt from 'jsonwebtoken';

export function livecallerToken(user) {
  const claims = { sub: String(user.id), name: user.name, email: user.email };
  return jwt.sign(claims, SECRET, { algorithm: 'HS256', keyid: 'KID' });
}
"""

_PHP = """\
<?php // composer require firebase/php-jwt
use Firebase\\JWT\\JWT;

function livecaller_token(object $user): string {
    $claims = ['sub' => (string) $user->id, 'iat' => time(), 'name' => $user->name, 'email' => $user->email];
    return JWT::encode($claims, SECRET, 'HS256', 'KID');
}
"""

# Id, name, text.
EXAMPLES = (("python", "Python", _PYTHON), ("node", "Node.js", _NODE), ("php", "PHP", _PHP))
