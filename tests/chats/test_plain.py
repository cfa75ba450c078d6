"""Reading without a serializer: what it returns is what the serializer returns, and what is wrong it leaves alone."""

from typing import Any  # frames are JSON
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chats.plain import plain_message, plain_nothing
from chats.serializers import MessageData
from livecaller.core.api import validated
from livecaller.core.consumers import NoData

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


def test_nothing_is_read_as_nothing() -> None:
    assert plain_nothing({}) == validated(NoData, {}) == {}
    wrong: list[Any] = [{"more": 1}, None, [], 0]
    assert [plain_nothing(data) for data in wrong] == [None] * 4
