"""What clients send: one JSON object a frame, read with suspicion."""

from dataclasses import dataclass
from typing import Any  # frames are JSON

import orjson

from livecaller.core.errors import InvalidError

FRAME_BYTES = 16 * 1024
COMMAND_ID_MOST = 2**53


@dataclass(frozen=True, slots=True)
class Frame:
    """A command as it came: `id` for the answer, `type` cut to 64 characters, `data` not looked at yet."""

    id: int
    type: str
    data: Any


def readable(text: str | None) -> Frame:
    """Return the command in a client's frame; raises `InvalidError` when there is none to answer to."""
    if text is None:
        raise InvalidError("Send text frames of JSON; binary frames are not read.")
    if len(text) > FRAME_BYTES or len(text.encode("utf-8", "surrogatepass")) > FRAME_BYTES:
        raise InvalidError("The frame is larger than 16 kB.")
    try:
        content = orjson.loads(text)
    except ValueError:
        raise InvalidError("The frame is not valid JSON.") from None
    if not isinstance(content, dict) or set(content) - {"id", "type", "data"}:
        raise InvalidError("Send an object with id, type and data.")
    number, type_ = content.get("id"), content.get("type")
    if type(number) is not int or not 0 < number < COMMAND_ID_MOST or not isinstance(type_, str):
        raise InvalidError("The id must be a positive whole number and the type a text.")
    return Frame(number, type_[:64], content.get("data", {}))
