"""What an organization may do with personal data at the moment."""

from uuid import UUID


def may_process(organization_id: UUID) -> bool:
    """Say whether end-users' data may be accepted for this organization now."""
    return True
