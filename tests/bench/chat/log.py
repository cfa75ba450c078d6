"""What one reader has received of one conversation, by the rules of docs/realtime.md ("Client rule for log events")."""

from typing import Any  # frames are JSON

# One message as it was applied: seq, version (0 with servers that have none) and client_id. A plain tuple: there are
# millions of them.
Received = tuple[int, int, str]


class ConversationLog:
    """A reader's copy of one conversation: kept for good, whatever happens to the line.

    `received` holds each message that was applied, in the order of being applied: whoever shows it twice has it
    twice here. `since` is the first position that the reader answers for: what was there before it came is not
    its matter. `jumps` counts the times that something was missing and was fetched, `dropped` old events.
    """

    __slots__ = ("conversation", "dropped", "epoch", "held", "is_syncing", "jumps", "note_version", "received",
                 "reloads", "since", "version")  # fmt: skip

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.version: int | None = None
        self.note_version = 0
        self.epoch: str | None = None
        self.since: int | None = None
        self.received: list[Received] = []
        self.held: dict[int, dict[str, Any]] = {}
        self.is_syncing = False
        self.jumps = self.dropped = self.reloads = 0

    def cursor(self) -> dict[str, int]:
        """Return where this reader stopped, as `hello` takes it."""
        return {"version": self.version or 0, "note_version": self.note_version}

    def take(self, event: dict[str, Any]) -> str | None:
        """Take an event of the log; return the client_id of the message that it brought, if it brought one.

        An event that comes too early is held; ask `is_behind` whether to fetch.
        """
        if event["type"].startswith("note."):
            self._take_note(event["version"])
            return None
        version = event.get("version")
        if version is None:
            return self._apply(event)
        if self.version is not None and version <= self.version:
            self.dropped += 1
            return None
        if version - 1 != self.version:
            self.jumps += self.version is not None
            self.held[version] = event
            return None
        self.version = version
        return self._apply(event)

    def release(self) -> list[str]:
        """Apply what was held and has its turn now; return the client_ids of the messages in it."""
        brought: list[str] = []
        if self.version is None:
            return brought
        for version in [held for held in self.held if held <= self.version]:
            del self.held[version]
        while self.version + 1 in self.held:
            self.version += 1
            client_id = self._apply(self.held.pop(self.version))
            if client_id:
                brought.append(client_id)
        return brought

    def take_sync(self, sync: dict[str, Any]) -> list[str]:
        """Take a `Sync`; return the client_ids of the messages that it brought."""
        version: int = sync["version"]
        snapshot = sync.get("snapshot") or {}
        if self.since is None:
            self.since = snapshot.get("last_seq", 0) + 1
        elif sync["mode"] == "reload":
            self.reloads += 1
        self.epoch = sync.get("epoch")
        is_new = self.version is None or version > self.version or sync["mode"] == "reload"
        brought = self._apply_missed(sync["messages"]) if is_new else []
        if is_new:
            self.version = version
        self.note_version = max(self.note_version, sync.get("note_version") or 0)
        return brought + self.release()

    def is_behind(self, head: int | None = None) -> bool:
        """Say whether something is missing: held events, or a head that is further on."""
        return bool(self.held) or (head is not None and head > (self.version or 0))

    def _apply_missed(self, messages: list[dict[str, Any]]) -> list[str]:
        known = {seq for seq, _, _ in self.received}
        missed = [row for row in messages if row["seq"] >= (self.since or 0) and row["seq"] not in known]
        rows = [(row["seq"], row["version"], row["client_id"] or "") for row in missed]
        self.received.extend(rows)
        return [client_id for _, _, client_id in rows if client_id]

    def _apply(self, event: dict[str, Any]) -> str | None:
        if event["type"] != "message.created":
            return None
        message = event["data"]["message"]
        client_id: str = message["client_id"] or ""
        self.received.append((message["seq"], message["version"] or 0, client_id))
        return client_id

    def _take_note(self, version: int) -> None:
        if version == self.note_version + 1:
            self.note_version = version
