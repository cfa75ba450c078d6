"""What one reader has still to be sent, in the order in which they may read it."""

from collections import deque
from collections.abc import Callable

from livecaller.core.hub import Event

# Frames are joined up to this size, to be one write and one event of the browser's.
JOINED_BYTES = 64 * 1024

Lane = tuple[str, str]


def _nobody(lane: Lane) -> None:
    """Stand where somebody was told of early events."""


class Outbox:
    """The frames that wait for one socket.

    `topics`: what the reader hears. `given`: the newest version that they have been given of each lane of a
    conversation, `(conversation, "public" | "notes")`; what is older is dropped. `overtaken` is called with a lane
    when an event has come before the one that it follows; `release` ends the wait for it. `size` is in characters.
    """

    def __init__(self, overtaken: Callable[[Lane], object]) -> None:
        self.topics: set[str] = set()
        self.given: dict[Lane, int] = {}
        self.size = 0
        self._overtaken: Callable[[Lane], object] = overtaken
        self._waiting: deque[Event | str] = deque()
        self._early: dict[Lane, dict[int, Event]] = {}

    def __bool__(self) -> bool:
        """Say whether anything waits."""
        return bool(self._waiting)

    def end(self) -> None:
        """Let go of everything, also of whom to tell: a line that has ended should not need to be searched for."""
        self._waiting.clear()
        self._early.clear()
        self._overtaken = _nobody

    def answer(self, text: str) -> None:
        """Put an answer before everything that waits."""
        self._waiting.appendleft(text)
        self.size += len(text)

    def hear(self, event: Event) -> None:
        """Put an event behind everything that waits."""
        self._waiting.append(event)
        self.size += len(event.text)

    def take(self) -> str:
        """Take as much as goes into one frame and return it, "" when nothing of it is for this reader."""
        texts: list[str] = []
        size = 0
        while self._waiting and size < JOINED_BYTES:
            item = self._waiting.popleft()
            text = item if isinstance(item, str) else item.text
            self.size -= len(text)
            said = [text] if isinstance(item, str) else self._in_order(item)
            texts += said
            size += sum(map(len, said))
        return texts[0] if len(texts) == 1 else f"[{','.join(texts)}]" if texts else ""

    def release(self, lane: Lane) -> None:
        """Let go what has waited for an event that did not come: the reader sees the gap and fetches."""
        for version, event in sorted(self._early.pop(lane, {}).items()):
            if version > self.given.get(lane, version) and event.topic in self.topics:
                # As a plain text, since the one that is missing may still come and be sent.
                self._waiting.append(event.text)
                self.size += len(event.text)

    def _in_order(self, event: Event) -> list[str]:
        """Return what to send now: nothing of a topic that was left or a version that was given, else the event.

        Two processes may announce in another order than they committed: what has overtaken another waits for it.
        """
        if event.topic not in self.topics:
            return []
        if event.conversation is None or event.version is None:
            return [event.text]
        lane = event.conversation, "notes" if event.topic.endswith(".notes") else "public"
        given = self.given.get(lane)
        if given is None or event.version == given + 1:
            return self._and_early(lane, event)
        if event.version > given:
            early = self._early.setdefault(lane, {})
            if not early:
                self._overtaken(lane)
            early[event.version] = event
        return []

    def _and_early(self, lane: Lane, event: Event) -> list[str]:
        """Return the event and those that have waited for it."""
        texts, version = [event.text], event.version or 0
        early = self._early.get(lane, {})
        while version + 1 in early:
            version += 1
            texts.append(early.pop(version).text)
        if lane in self.given:
            self.given[lane] = version
        return texts
