"""Who is there now, for pages of apps that lie below chats: `{% load presence %}`."""

from uuid import UUID

from django import template

from chats.presence import live_operators
from livecaller.core.actors import OperatorActor

register = template.Library()


@register.simple_tag
def live_members(operator: OperatorActor) -> set[UUID]:
    """Return the memberships of the operator's organization that have a living socket; nobody while Valkey is away."""
    return live_operators(operator.organization_id)
