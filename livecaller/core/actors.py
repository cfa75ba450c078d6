"""Who acts: every service takes exactly one of these, and asks nothing else about the caller."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OperatorActor:
    """A signed-in member of an organization.

    `role` is the code of `accounts.enums.Role`; `membership_id` is the public id of the person inside the
    organization (the user behind it stays LiveCaller's own data).
    """

    organization_id: UUID
    membership_id: UUID
    user_id: UUID
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class EndUserActor:
    """A person on a Client's site, identified by the token of this browser."""

    organization_id: UUID
    widget_id: UUID
    end_user_id: UUID
    name: str
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SystemActor:
    """LiveCaller itself, inside one organization: jobs, rules, demonstration data."""

    organization_id: UUID


Actor = OperatorActor | EndUserActor | SystemActor
