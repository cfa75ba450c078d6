"""Everything that writes in the chats app; one file per subject. All of it runs inside the tenant.

A change of a conversation is made under its row's lock, numbered there, and announced after commit.
"""

from chats.services.batch import NotNow, write_batch
from chats.services.conversations import (
    assign_conversation,
    close_conversation,
    mark_read,
    mark_spam,
    release_conversations,
    reopen_conversation,
)
from chats.services.files import attach_file, erase_files
from chats.services.messages import (
    Draft,
    Stored,
    check_draft,
    delete_message,
    edit_message,
    send_draft,
    send_message,
    write_message,
)
from chats.services.notes import StoredNote, write_note
from chats.services.people import take_over_authorship
from chats.services.presence import change_presence, note_beats, note_leavings
from chats.services.start import Opening, Started, start_conversation

__all__ = [
    "Draft",
    "NotNow",
    "Opening",
    "Started",
    "Stored",
    "StoredNote",
    "assign_conversation",
    "attach_file",
    "change_presence",
    "check_draft",
    "close_conversation",
    "delete_message",
    "edit_message",
    "erase_files",
    "mark_read",
    "mark_spam",
    "note_beats",
    "note_leavings",
    "release_conversations",
    "reopen_conversation",
    "send_draft",
    "send_message",
    "start_conversation",
    "take_over_authorship",
    "write_batch",
    "write_message",
    "write_note",
]
