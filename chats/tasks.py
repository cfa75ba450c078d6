"""What the chats app does outside of requests."""

from uuid import UUID

from celery import shared_task

from accounts.models import Organization
from chats.services import erase_files
from livecaller.core.actors import SystemActor
from livecaller.core.tenancy.context import tenant


@shared_task(name="chats.sweep_files")
def sweep_files() -> None:
    """Start one sweep for each organization; run it every hour."""
    for organization_id in Organization.objects.values_list("pk", flat=True):
        sweep_files_of.delay(str(organization_id))


@shared_task(name="chats.sweep_files_of")
def sweep_files_of(organization_id: str) -> int:
    """Erase an organization's files whose time is over; returns how many. Running twice does no harm."""
    actor = SystemActor(UUID(organization_id))
    erased = 0
    while True:
        with tenant(actor.organization_id):
            batch = erase_files(actor=actor)
        erased += batch
        if not batch:
            return erased
