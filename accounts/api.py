"""What the console asks about the person who is signed in."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules import permissions_of
from accounts.selectors import get_member, organization_of
from accounts.session import operator_from_request
from livecaller.core.actors import OperatorActor
from livecaller.core.api import TenantApiView


class MeView(TenantApiView):
    """`GET me`: who is signed in, where, and what they may do."""

    actor: OperatorActor

    def get_actor(self, request: Request) -> OperatorActor:
        """Return the member of the session's organization."""
        return operator_from_request(request)

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
