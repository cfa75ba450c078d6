"""What each organization of the matrix has: one of everything, with planted words that must not get out."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.enums import Role
from accounts.models import Organization
from accounts.services import invitation_token, invite_member
from chats import services
from chats.file_links import signed_payload
from chats.models import Attachment, Conversation, Message, Note
from livecaller.core.ids import uuid7
from livecaller.core.tenancy.context import tenant
from tests.cast import Side
from widget.services import rotate_identity_secret


@dataclass(frozen=True)
class Story:
    """Ids and planted words of one organization."""

    side: Side
    word: str
    conversation: Conversation
    message: Message
    own_message: Message
    note: Note
    attachment: Attachment
    file_url: str
    invitation_id: UUID
    invitation_token: str
    secret_id: UUID

    @property
    def ids(self) -> dict[str, str]:
        """Return what fills the placeholders of the routes."""
        return {
            "organization_id": str(self.side.organization.pk),
            "conversation_id": str(self.conversation.pk),
            "message_id": str(self.own_message.pk),
            "end_user_id": str(self.side.end_user.end_user_id),
            "attachment_id": str(self.attachment.pk),
            "invitation_id": str(self.invitation_id),
            "membership_id": str(self.side.operator.membership_id),
            "widget_id": str(self.side.widget.pk),
            "secret_id": str(self.secret_id),
            "section": "look",
            "public_key": self.side.widget.public_key,
            "token": self.invitation_token,
        }

    @property
    def secrets(self) -> list[str]:
        """Return what must not be readable by the neighbour: planted words and every id."""
        ids = {name: value for name, value in self.ids.items() if name not in {"public_key", "section"}}
        return [self.word, *ids.values(), self.side.operator_user.email, self.side.owner_user.email]


def tell(side: Side) -> Story:
    """Give the side a conversation with messages of both, a note, a file and an invitation."""
    word = f"canary-{uuid4().hex[:12]}"
    Organization.objects.filter(pk=side.organization.pk).update(seat_limit=9)
    with tenant(side.organization.pk):
        opening = services.Opening(
            client_id=uuid7(),
            body=f"My order {word} is late",
            form={"name": f"Ana {word}", "email": f"{word}@customer.example"},
            is_notice_accepted=True,
        )
        started = services.start_conversation(actor=side.end_user, opening=opening)
        pk = started.conversation.pk
        own = services.send_message(
            actor=side.operator, conversation_id=pk, client_id=uuid7(), body=f"I look at {word} now"
        )
        note = services.write_note(
            actor=side.operator, conversation_id=pk, client_id=uuid7(), body=f"Be kind about {word}"
        )
        attachment = services.attach_file(
            actor=side.operator,
            upload=SimpleUploadedFile(f"{word}.txt", b"plain text", content_type="text/plain"),
            conversation_id=pk,
        )
        file_url = str(signed_payload(attachment)["url"])
        secret, _ = rotate_identity_secret(actor=side.owner, widget_id=side.widget.pk)
        invitation = invite_member(actor=side.owner, email=f"new-{word}@member.example", role=Role.OPERATOR)
    return Story(
        side, word, started.conversation, started.first.message, own.message, note.note, attachment, file_url,
        invitation.pk, invitation_token(invitation.pk), secret.pk,
    )  # fmt: skip
