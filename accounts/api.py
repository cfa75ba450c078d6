"""The base of every operator's REST view, and what the console asks about the person who is signed in."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules import permissions_of
from accounts.selectors import get_member, organization_of
from accounts.session import operator_from_request
from livecaller.core.actors import OperatorActor
from livecaller.core.api import TenantApiView


class OperatorApiView(TenantApiView):
    """A REST view of a signed-in member, inside the session's organization."""

    actor: OperatorActor

    def get_actor(self, request: Request) -> OperatorActor:
        """Return the member of the session's organization."""
        return operator_from_request(request)


class MeView(OperatorApiView):
    """`GET me`: who is signed in, where, and what they may do."""

    def get(self, request: Request) -> Response:
        """Answer `{member, organization, permissions, locale}`; `member.status` is the chosen one, live or not."""
        member, organization = get_member(self.actor, self.actor.membership_id), organization_of(self.actor)
        return Response(
            {
                "member": {
                    "id": str(member.pk),
                    "name": member.display_name,
                    "role": member.role,
                    "status": member.status,
                },
                "organization": {"id": str(organization.pk), "name": organization.name},
                "permissions": sorted(permissions_of(self.actor)),
                "locale": member.user.locale,
            }
        )
