"""Operators: sockets, colleagues, presence and end-users."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import PresenceStatus
from chats import services, shapes
from chats.admission import issue_operator_ticket
from chats.api.operator import OperatorApiView
from chats.selectors import end_user_profile_of, member_payload_of, member_payloads_of
from chats.serializers import EndUserBody, PresenceBody
from livecaller.core.errors import UnauthenticatedError
from widget.services import change_end_user


class SocketTicketsView(OperatorApiView):
    """`socket-tickets`."""

    @extend_schema(request=None, responses={201: shapes.Ticket})
    def post(self, request: Request) -> Response:
        """Issue a one-use ticket of 60 seconds, good for a socket that carries the same session."""
        session_key = request.session.session_key
        if not session_key:
            raise UnauthenticatedError
        return Response({"ticket": issue_operator_ticket(self.actor, session_key)}, status=201)


class MembersView(OperatorApiView):
    """`members`."""

    @extend_schema(responses=shapes.Member(many=True))
    def get(self, request: Request) -> Response:
        """List the active members and what they are now."""
        return Response(member_payloads_of(self.actor))


class PresenceView(OperatorApiView):
    """`presence`."""

    @extend_schema(responses=shapes.MemberAnswer)
    def get(self, request: Request) -> Response:
        """Show one's own presence."""
        return Response({"member": member_payload_of(self.actor)})

    @extend_schema(request=PresenceBody, responses=shapes.MemberAnswer)
    def put(self, request: Request) -> Response:
        """Choose what to be."""
        services.change_presence(actor=self.actor, status=PresenceStatus(self.read(PresenceBody)["status"]))
        return Response({"member": member_payload_of(self.actor)})


class EndUserProfileView(OperatorApiView):
    """`end-users/<id>`."""

    @extend_schema(responses=shapes.EndUser)
    def get(self, request: Request, end_user_id: UUID) -> Response:
        """Show what is known about an end-user."""
        return Response(end_user_profile_of(self.actor, end_user_id))

    @extend_schema(request=EndUserBody, responses=shapes.EndUser)
    def patch(self, request: Request, end_user_id: UUID) -> Response:
        """Change what the team knows about an end-user."""
        change_end_user(actor=self.actor, end_user_id=end_user_id, changes=self.read(EndUserBody))
        return Response(end_user_profile_of(self.actor, end_user_id))
