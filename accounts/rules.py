"""Who may do what: one table, asked by every door through `require`."""

from accounts.enums import Role
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError

_OPERATOR = frozenset({"conversation.read", "conversation.write", "end_user.read", "end_user.write"})
_ADMIN = _OPERATOR | {"member.invite", "member.manage", "widget.manage", "audit.read", "organization.manage"}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(_ADMIN),
    Role.OWNER: frozenset(_ADMIN | {"organization.close", "member.make_owner"}),
}


def permissions_of(actor: OperatorActor) -> frozenset[str]:
    """Return the permission codes of the actor's role; an unknown role has none."""
    return PERMISSIONS.get(actor.role, frozenset())


def require(actor: OperatorActor, permission: str) -> None:
    """Raise `ForbiddenError` unless the actor's role has the permission."""
    if permission not in permissions_of(actor):
        raise ForbiddenError
