"""The audit chain: append-only rows, each carrying the hash of the one before. It names, it never quotes."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

import orjson
from django.utils import timezone

from accounts.models import AuditEvent, Organization
from livecaller.core.actors import Actor, EndUserActor, OperatorActor
from livecaller.core.tenancy.context import tenant

Detail = str | int | bool | None


def record(
    name: str,
    *,
    actor: Actor,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    details: Mapping[str, Detail] | None = None,
) -> AuditEvent:
    """Append one event, such as `member.invited`, to the chain of the actor's organization.

    Call it inside the transaction of what it records. Locks the organization's row until that transaction
    ends, so that the chain has one order. `details` are codes and counts, never personal data.
    """
    with tenant(actor.organization_id):
        organization = Organization.objects.select_for_update().get(pk=actor.organization_id)
        kind, actor_id = _reference(actor)
        event = AuditEvent(
            organization_id=organization.pk,
            position=organization.audit_length + 1,
            name=name,
            actor_kind=kind,
            actor_id=actor_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=dict(details or {}),
            at=timezone.now(),
            previous_hash=organization.audit_head,
        )
        event.hash = hash_of(event)
        event.save(force_insert=True)
        organization.audit_head, organization.audit_length = event.hash, event.position
        organization.save(update_fields=["audit_head", "audit_length"])
        return event


def hash_of(event: AuditEvent) -> str:
    """Return the SHA-256 of the event's canonical JSON, the previous hash included."""
    content = {
        "organization": str(event.organization_id),
        "position": event.position,
        "name": event.name,
        "actor": [event.actor_kind, str(event.actor_id)],
        "subject": [event.subject_kind, str(event.subject_id)],
        "details": event.details,
        "at": event.at.isoformat(),
        "previous": event.previous_hash,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def first_broken_link(organization_id: UUID) -> int | None:
    """Return the position of the first event that does not fit the chain, or None when all of it holds.

    A chain shorter than the organization's recorded length breaks at the missing position.
    """
    with tenant(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        previous, position = "", 0
        for event in AuditEvent.objects.order_by("position").iterator():
            position += 1
            if event.position != position or event.previous_hash != previous or hash_of(event) != event.hash:
                return position
            previous = event.hash
        if position != organization.audit_length or previous != organization.audit_head:
            return position + 1
        return None


def _reference(actor: Actor) -> tuple[str, UUID | None]:
    if isinstance(actor, OperatorActor):
        return "operator", actor.membership_id
    if isinstance(actor, EndUserActor):
        return "end_user", actor.end_user_id
    return "system", None
