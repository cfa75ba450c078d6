"""Everything that reads in the chats app; one file per subject. All of it runs inside the tenant."""

from chats.selectors.conversations import (
    Counts,
    Page,
    Section,
    counts_of,
    get_conversation,
    inbox_of,
    payload_of,
    payloads_of,
    threads_of,
    visible_conversations,
)
from chats.selectors.files import get_attachment
from chats.selectors.messages import MessagePage, message_page_of, notes_of
from chats.selectors.people import (
    available_in,
    end_user_profile_of,
    member_payload_of,
    member_payloads_of,
    open_conversations_of,
)
from chats.selectors.sync import Cursor, epoch, heads_of, must_reload, sync_of, syncs_of

__all__ = [
    "Counts",
    "Cursor",
    "MessagePage",
    "Page",
    "Section",
    "available_in",
    "counts_of",
    "end_user_profile_of",
    "epoch",
    "get_attachment",
    "get_conversation",
    "heads_of",
    "inbox_of",
    "member_payload_of",
    "member_payloads_of",
    "message_page_of",
    "must_reload",
    "notes_of",
    "open_conversations_of",
    "payload_of",
    "payloads_of",
    "sync_of",
    "syncs_of",
    "threads_of",
    "visible_conversations",
]
