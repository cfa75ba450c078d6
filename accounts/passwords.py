"""How passwords are kept, and those that are long enough and still the first thing anybody would try."""

import string
from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST_DIFFERENT_SIGNS = 5
_ROWS = ("qwertyuiopasdfghjklzxcvbnm", "1234567890", string.ascii_lowercase)


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters for 46 MiB, on one thread.

    Django's own take 100 MiB and eight threads for each try: a few people at once would starve everybody else.
    """

    memory_cost = 46 * 1024
    time_cost = 1
    parallelism = 1


class PredictableValidator:
    """Refuses common words with trimmings, repetitions and runs, which length alone lets pass.

    The list of common passwords is Django's and offline; few of its entries have twelve characters, so a
    password is compared without the digits and signs around its letters, too.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Raise `ValidationError` for a password that follows from little."""
        text = password.lower()
        if len(set(text)) < LEAST_DIFFERENT_SIGNS or _repeats(text) or _runs(text) or _is_dressed_up(text):
            raise ValidationError(_("This password is too easy to guess."), code="password_predictable")

    def get_help_text(self) -> str:
        """Return what the form says beside the field."""
        return _("It must not be a common word with some digits, nor a pattern.")


def _repeats(text: str) -> bool:
    """Say whether the text is a shorter one written several times."""
    return text in (text + text)[1:-1]


def _runs(text: str) -> bool:
    """Say whether most signs follow from the one before: in a row of the keyboard, the alphabet or the digits."""
    pairs = [text[index : index + 2] for index in range(len(text) - 1)]
    return sum(_follows(pair) for pair in pairs) * 4 >= len(pairs) * 3


def _follows(pair: str) -> bool:
    return pair[0] == pair[-1] or any(pair in row or pair[::-1] in row for row in _ROWS)


def _is_dressed_up(text: str) -> bool:
    return text.strip(string.digits + string.punctuation + " ") in _common()


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
