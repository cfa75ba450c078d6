"""What end-users of any organizations have missed, in one question: for all who come back in the same moment."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any  # rows are JSON
from uuid import UUID

import orjson
from django.db import connection

from chats.models import Attachment, Conversation, Message
from chats.payloads import Payload, message_payload, thread_payload
from chats.rows import instance_of
from chats.selectors.sync import RELOADED, has_earlier, sync_at_head

# Where somebody stopped in a conversation of theirs: its version, or None for one who has to reload.
Reading = tuple[Conversation, int | None]


def thread_syncs(readings: Sequence[Reading], present: str) -> list[Payload]:
    """Return the `Sync` of each reading, as `syncs_of` would; `present` is the epoch. Inside `organizations_in_turn`.

    One query; none where nothing was missed.
    """
    missed = _missed(readings)
    return [_sync(row, after, present, missed[place]) for place, (row, after) in enumerate(readings)]


def _sync(row: Conversation, after: int | None, present: str, messages: list[Payload]) -> Payload:
    return {
        **sync_at_head(row, present, thread_payload(row)),
        "mode": "reload" if after is None else "delta",
        "has_earlier": has_earlier(row, [message["seq"] for message in messages], is_reload=after is None),
        "messages": messages[-RELOADED:] if after is None else messages,
    }


def _missed(readings: Sequence[Reading]) -> dict[int, list[Payload]]:
    """Return messages by seq, by the place of the reading; of a reload one more than is shown."""
    asked: dict[str, list[dict[str, int | UUID | None]]] = defaultdict(list)
    for place, (row, after) in enumerate(readings):
        if after is None or after != row.version:
            most = RELOADED + 1 if after is None else None
            asked[str(row.organization_id)].append(
                # Nothing beyond the row's last position: what was stored since comes as an event of its own.
                {"place": place, "conversation": row.pk, "after": after or 0, "upto": row.last_seq, "most": most}
            )
    found: dict[int, list[Payload]] = defaultdict(list)
    if asked:
        with connection.cursor() as cursor:
            wanted = orjson.dumps(asked).decode()
            cursor.execute("SELECT place, content::text FROM chats_missed(%s::jsonb)", [wanted])
            for place, content in cursor.fetchall():
                found[place].append(_message(orjson.loads(content)))
    for messages in found.values():
        messages.sort(key=lambda message: int(message["seq"]))
    return found


def _message(row: dict[str, Any]) -> Payload:
    files = [instance_of(Attachment, file) for file in row["files"] or ()]
    return message_payload(instance_of(Message, row["message"]), files)
