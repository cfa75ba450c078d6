"""The wire as both languages know it: the golden samples fit our parsers, and what we send has their shape."""

import json
from pathlib import Path
from typing import Any  # frames are JSON
from uuid import uuid4

import pytest
from django.conf import settings

from chats.consumers import InboxConsumer, WidgetConsumer
from chats.serializers import HelloData
from livecaller.core.api import validated
from livecaller.core.consumers import CommandConsumer
from livecaller.core.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    LiveCallerError,
    NotFoundError,
    NotLiveError,
    RateLimitedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedTypeError,
)
from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import Frame, Socket, apart, inbox, open_in, widget

CONTRACT = Path(settings.BASE_DIR) / "tests" / "contract"


def samples(name: str) -> list[Any]:
    return list(json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8")))


def shape_of(value: Any) -> Any:
    """Return what a value looks like: names of fields and kinds of values; null fits every kind."""
    if isinstance(value, dict):
        return {name: shape_of(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    return type(value).__name__ if value is not None else None


def fits(ours: Any, sample: Any) -> bool:
    """Say whether two shapes are one: null and the empty list say nothing about what they stand for."""
    if ours is None or sample is None or ours == [] or sample == []:
        return True
    if isinstance(ours, dict) and isinstance(sample, dict):
        return ours.keys() == sample.keys() and all(fits(ours[name], sample[name]) for name in ours)
    if isinstance(ours, list) and isinstance(sample, list):
        return fits(ours[0], sample[0])
    return bool(ours == sample)


def by_position(answer: Any) -> Any:
    """Return an answer whose ids of conversations are not names of fields."""
    return {**answer, "heads": list(answer["heads"].values())} if "heads" in answer else answer


def sample_answer(type_: str, side: str) -> Any:
    for sample in samples("commands"):
        if sample["command"]["type"] == type_ and sample["side"] in {side, "both"}:
            return sample["answer"]["data"]
    raise AssertionError(f"There is no sample of {type_} for the {side}.")


def sample_events(type_: str) -> list[Any]:
    return [sample["frame"] for sample in samples("events") if sample["frame"]["type"] == type_]


@pytest.mark.parametrize(
    "sample", samples("commands"), ids=lambda sample: f"{sample['side']} {sample['command']['type']}"
)
def test_every_sample_of_a_command_is_understood(sample: Any) -> None:
    command = sample["command"]
    sides: dict[str, list[type[CommandConsumer[Any]]]] = {
        "operator": [InboxConsumer],
        "end_user": [WidgetConsumer],
        "both": [InboxConsumer, WidgetConsumer],
    }
    for consumer in sides[sample["side"]]:
        known = HelloData if command["type"] == "hello" else consumer.commands[command["type"]].data
        assert validated(known, command["data"]).keys() >= command["data"].keys()


def test_every_command_has_a_sample() -> None:
    operators = {s["command"]["type"] for s in samples("commands") if s["side"] in {"operator", "both"}} - {"hello"}
    end_users = {s["command"]["type"] for s in samples("commands") if s["side"] in {"end_user", "both"}} - {"hello"}
    # Editing and deleting have one sample each, for one side each.
    either = {"message.edit", "message.delete", "conversation.sync"}

    assert set(InboxConsumer.commands) - either == operators - either
    assert set(WidgetConsumer.commands) - either == end_users - either
    assert either <= operators | end_users


def test_every_sample_of_a_refusal_is_ours() -> None:
    ours: dict[str, type[LiveCallerError]] = {
        kind.code: kind
        for kind in (
            LiveCallerError, InvalidError, UnauthenticatedError, ForbiddenError, NotLiveError, NotFoundError,
            ConflictError, GoneError, TooLargeError, UnsupportedTypeError, RateLimitedError, UnavailableError,
        )
    }  # fmt: skip
    codes = set()
    for sample in samples("errors"):
        error = sample["frame"]["error"]
        codes.add(error["code"])
        refusal = ours[error["code"]](retry_after=error.get("retry_after"), fields=error.get("fields"))
        assert refusal.payload().keys() == error.keys()
        assert refusal.status == sample["status"]
    assert codes == set(ours)


async def test_answers_and_events_have_the_shape_of_the_samples(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    pk = await apart(lambda: story.started(a))
    operator, for_operator = await inbox(client, cursors={str(pk): {"version": 0, "note_version": 0}}, epoch="another")
    end_user, for_end_user = await widget(a)
    answers = {("operator", "hello"): for_operator, ("end_user", "hello"): for_end_user}
    answers["operator", "conversation.open"] = await open_in(operator, pk)
    answers["end_user", "conversation.open"] = await open_in(end_user, pk)
    words = {"conversation": pk, "body": "Hi", "attachments": []}

    async def do(side: str, socket: Socket, type_: str, **data: Any) -> Frame:
        answers[side, type_] = await socket.do(type_, **data)
        return answers[side, type_]

    sent = (await do("operator", operator, "message.send", **words, client_id=uuid4()))["message"]["id"]
    await do("operator", operator, "message.edit", conversation=pk, message=sent, body="Hello")
    mine = (await do("end_user", end_user, "message.send", **words, client_id=uuid4()))["message"]["id"]
    await do("end_user", end_user, "message.delete", conversation=pk, message=mine)
    await do("operator", operator, "conversation.sync", conversation=pk, after_version=1, after_note_version=0)
    await do("end_user", end_user, "conversation.read", conversation=pk, seq=3)
    await do("end_user", end_user, "typing.start", conversation=pk)
    await do("end_user", end_user, "typing.stop", conversation=pk)
    await do("operator", operator, "note.send", conversation=pk, client_id=uuid4(), body="careful")
    await do("operator", operator, "conversation.assign", conversation=pk, assignee=a.operator.membership_id)
    await do("end_user", end_user, "conversation.close", conversation=pk)
    await do("operator", operator, "conversation.reopen", conversation=pk)
    await do("operator", operator, "conversation.mark_spam", conversation=pk)
    await do("operator", operator, "conversation.close", conversation=pk)
    await do("operator", operator, "presence.set", status="busy")
    await do("operator", operator, "heartbeat")
    await do("end_user", end_user, "heartbeat")
    await do("operator", operator, "conversation.leave", conversation=pk)

    for (side, type_), answer in answers.items():
        ours, sample = (by_position(one) for one in (answer, sample_answer(type_, side)))
        assert fits(shape_of(ours), shape_of(sample)), (side, type_, answer)
    heard: list[Frame] = [frame for one in (operator, end_user) for frame in (*one.events, *one.joined)]
    assert {frame["type"] for frame in heard} >= {
        "message.created", "message.updated", "conversation.read", "conversation.changed", "conversation.updated",
        "note.created", "presence.changed", "typing.started", "thread.updated", "availability.changed",
    }  # fmt: skip
    for frame in heard:
        assert any(fits(shape_of(frame), shape_of(sample)) for sample in sample_events(frame["type"])), frame
    for socket in (operator, end_user):
        await socket.hang_up()


def test_shapes_that_differ_are_told_apart() -> None:
    sample = shape_of({"id": "x", "list": [{"a": 1}], "maybe": None})

    assert fits(shape_of({"id": "y", "list": [], "maybe": "text"}), sample)
    for wrong in (
        {"id": 1, "list": [], "maybe": None},
        {"id": "x", "list": []},
        {"id": "x", "list": [{"b": 1}], "maybe": None},
    ):
        assert not fits(shape_of(wrong), sample)
