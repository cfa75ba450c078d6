"""Reading without a serializer: what it returns is what the serializer returns, and what is wrong it leaves alone."""

from typing import Any  # frames are JSON
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chats.plain import plain_hello, plain_message, plain_nothing
from chats.serializers import CURSORS_MOST, VERSION_MOST, HelloData, MessageData
from livecaller.core.api import validated
from livecaller.core.consumers import NoData
from livecaller.core.tickets import issue_ticket

GOOD: dict[str, Any] = {
    "conversation": str(uuid4()),
    "client_id": str(uuid4()),
    "body": "Is the sofa still there? დიახ 👍",
    "attachments": [],
}


def test_a_plain_message_is_read_as_the_serializer_reads_it() -> None:
    assert plain_message(GOOD) == validated(MessageData, GOOD)
    assert plain_message({**GOOD, "body": ""}) == validated(MessageData, {**GOOD, "body": ""})


@pytest.mark.parametrize(
    "change",
    [
        {"body": "x" * 4001},
        {"body": "a\0b"},
        {"body": "\ud800"},
        {"body": 7},
        {"body": None},
        {"conversation": "x"},
        {"conversation": 7},
        {"conversation": str(uuid4()).upper()},
        {"conversation": uuid4().hex},
        {"client_id": "{" + str(uuid4())[1:]},
        {"client_id": None},
        {"attachments": [str(uuid4())]},
        {"attachments": None},
        {"attachments": ()},
        {"more": 1},
    ],
)
def test_what_is_not_plain_is_left_to_the_serializer(change: dict[str, Any]) -> None:
    assert plain_message({**GOOD, **change}) is None


@pytest.mark.parametrize("data", [None, [], "text", 7, {}, {"body": "alone"}])
def test_what_is_no_message_is_left_to_the_serializer(data: Any) -> None:
    assert plain_message(data) is None


_anything = st.one_of(st.text(max_size=20), st.none(), st.integers(), st.lists(st.text(max_size=3), max_size=2))


_messages: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {name: st.one_of(st.just(value), _anything) for name, value in GOOD.items()}
)


@given(_messages)
def test_it_never_says_what_the_serializer_would_not(data: dict[str, Any]) -> None:
    read = plain_message(data)

    assert read is None or read == validated(MessageData, data)


CURSORS: dict[str, Any] = {str(uuid4()): {"version": 3}, str(uuid4()): {"version": 0, "note_version": VERSION_MOST}}
HELLO: dict[str, Any] = {"ticket": issue_ticket({"kind": "end_user"}), "epoch": "9f86d081884c7d65", "cursors": CURSORS}


@pytest.mark.parametrize("change", [{}, {"epoch": None}, {"cursors": {}}, {"cursors": {str(uuid4()): {"version": 1}}}])
def test_a_plain_hello_is_read_as_the_serializer_reads_it(change: dict[str, Any]) -> None:
    assert plain_hello({**HELLO, **change}) == validated(HelloData, {**HELLO, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"ticket": ""},
        {"ticket": "x" * 501},
        {"ticket": None},
        {"ticket": "with space"},
        {"epoch": 7},
        {"epoch": "x" * 65},
        {"cursors": []},
        {"cursors": {"nonsense": {"version": 1}}},
        {"cursors": {str(uuid4()): {"version": "1"}}},
        {"cursors": {str(uuid4()): {"version": True}}},
        {"cursors": {str(uuid4()): {"version": -1}}},
        {"cursors": {str(uuid4()): {"version": VERSION_MOST + 1}}},
        {"cursors": {str(uuid4()): {"version": 1, "note_version": 1.0}}},
        {"cursors": {str(uuid4()): {"version": 1, "more": 1}}},
        {"cursors": {str(uuid4()): {"note_version": 1}}},
        {"cursors": {str(uuid4()): None}},
        {"cursors": {str(uuid4()): {"version": 1} for _ in range(CURSORS_MOST + 1)}},
        {"more": 1},
    ],
)
def test_a_hello_that_is_not_plain_is_left_to_the_serializer(change: dict[str, Any]) -> None:
    assert plain_hello({**HELLO, **change}) is None


_cursors = st.dictionaries(
    st.one_of(st.uuids().map(str), st.text(max_size=5)),
    st.one_of(_anything, st.fixed_dictionaries({"version": _anything}, optional={"note_version": _anything})),
    max_size=3,
)


@given(
    st.fixed_dictionaries(
        {
            "ticket": st.one_of(st.just(HELLO["ticket"]), _anything),
            "epoch": st.one_of(st.just(HELLO["epoch"]), _anything),
            "cursors": st.one_of(_cursors, _anything),
        }
    )
)
def test_a_plain_hello_never_says_what_the_serializer_would_not(data: dict[str, Any]) -> None:
    read = plain_hello(data)

    assert read is None or read == validated(HelloData, data)


def test_nothing_is_read_as_nothing() -> None:
    assert plain_nothing({}) == validated(NoData, {}) == {}
    wrong: list[Any] = [{"more": 1}, None, [], 0]
    assert [plain_nothing(data) for data in wrong] == [None] * 4
