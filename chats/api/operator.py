"""The base of the operators' REST views."""

from collections.abc import Callable
from typing import Any, ClassVar  # Any: DRF's data is untyped

from rest_framework import serializers
from rest_framework.request import Request

from accounts.session import operator_from_request
from chats.models import Conversation
from chats.payloads import Payload
from chats.selectors import payload_of
from livecaller.core.actors import OperatorActor
from livecaller.core.api import TenantApiView, validated
from livecaller.core.limits import Limit


class OperatorApiView(TenantApiView):
    """A view for a signed-in member; the session's cookie needs the CSRF header with everything that writes."""

    limits: ClassVar[tuple[Limit, ...]] = (Limit("operator_api", burst=600, seconds=60),)

    actor: OperatorActor

    def get_actor(self, request: Request) -> OperatorActor:
        """Return the member of the session's organization."""
        actor = operator_from_request(request)
        for limit in self.limits:
            limit.take(actor.user_id)
        return actor

    def changed(self, change: Callable[..., Conversation], **options: Any) -> dict[str, Payload]:
        """Call a service that changes a conversation and return its answer."""
        return {"conversation": payload_of(self.actor, change(actor=self.actor, **options))}


def query_of(request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Return the checked query of a request; raises `InvalidError` naming each parameter."""
    return validated(serializer, request.query_params.dict())
