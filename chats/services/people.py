"""What follows in chats when two records of one person become one."""

from uuid import UUID

from chats.enums import AuthorKind
from chats.models import Attachment, Conversation, Message
from livecaller.core.actors import SystemActor


def take_over_authorship(*, actor: SystemActor, person_id: UUID, stranger_id: UUID) -> None:
    """Make `person_id` the author of what the stranger wrote and uploaded, so that it is theirs to send and to export.

    The person is in charge of the stranger's conversations already, whose rows this transaction has locked: nobody
    can write in them as the stranger any more. No version is raised, since readers know an end-user's words by the
    conversation they stand in.
    """
    by_stranger = {"author_kind": AuthorKind.END_USER, "author_id": stranger_id}
    theirs = Conversation.all_states.filter(end_user_id=person_id)
    Message.all_states.filter(conversation__in=theirs, **by_stranger).update(author_id=person_id)
    theirs.filter(**{f"last_{name}": value for name, value in by_stranger.items()}).update(last_author_id=person_id)
    files = Attachment.all_states.filter(uploader_kind=AuthorKind.END_USER, uploader_id=stranger_id)
    files.update(uploader_id=person_id)
