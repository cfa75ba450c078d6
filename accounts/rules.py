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

# From the highest to the lowest.
_RANKS = (Role.OWNER, Role.ADMIN, Role.OPERATOR)


def permissions_of(actor: OperatorActor) -> frozenset[str]:
    """Return the permission codes of the actor's role; an unknown role has none."""
    return PERMISSIONS.get(actor.role, frozenset())


def require(actor: OperatorActor, permission: str) -> None:
    """Raise `ForbiddenError` unless the actor's role has the permission."""
    if permission not in permissions_of(actor):
        raise ForbiddenError


def grantable_roles(actor: OperatorActor) -> list[Role]:
    """Return the roles that the actor may give and take, highest first: those below their own.

    Owners may also give and take the owner's role; nobody is above them.
    """
    if actor.role not in _RANKS:
        return []
    first = _RANKS.index(Role(actor.role)) + ("member.make_owner" not in permissions_of(actor))
    return list(_RANKS[first:])


def require_above(actor: OperatorActor, role: str) -> None:
    """Raise `ForbiddenError` unless the actor may give and take `role`."""
    if role not in grantable_roles(actor):
        raise ForbiddenError
