"""Tickets that are signed and not stored: whose they are, how long, and how often they are good."""

import time
from typing import Any  # redis-py mixes both kinds of client in its types

import pytest
from django.core import signing

from livecaller.core import tickets
from livecaller.core.errors import UnauthenticatedError
from livecaller.core.tickets import TICKET_SECONDS, issue_ticket, read_ticket, use_up
from livecaller.core.valkey import client

CLAIMS = {"kind": "end_user", "organization": "one"}

pytestmark = pytest.mark.usefixtures("valkey")


def test_a_ticket_says_what_was_signed_and_no_two_are_alike() -> None:
    first, second = issue_ticket(CLAIMS), issue_ticket(CLAIMS)

    assert read_ticket(first).claims == read_ticket(second).claims == CLAIMS
    assert read_ticket(first).number != read_ticket(second).number


@pytest.mark.parametrize("ticket", ["", "x", "a:b:c", signing.dumps(["number", CLAIMS], salt="another")])
def test_what_we_did_not_sign_is_refused(ticket: str) -> None:
    with pytest.raises(UnauthenticatedError):
        read_ticket(ticket)


def test_a_changed_ticket_is_refused() -> None:
    content, _, signature = issue_ticket(CLAIMS).partition(":")
    other, _, _ = issue_ticket({**CLAIMS, "organization": "two"}).partition(":")
    assert read_ticket(f"{content}:{signature}").claims == CLAIMS

    with pytest.raises(UnauthenticatedError):
        read_ticket(f"{other}:{signature}")


def test_a_ticket_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, now = issue_ticket(CLAIMS), time.time()
    monkeypatch.setattr(time, "time", lambda: now + TICKET_SECONDS - 2)
    assert read_ticket(ticket).claims == CLAIMS

    monkeypatch.setattr(time, "time", lambda: now + TICKET_SECONDS + 2)
    with pytest.raises(UnauthenticatedError):
        read_ticket(ticket)


def test_a_ticket_is_used_once() -> None:
    ticket = read_ticket(issue_ticket(CLAIMS))

    assert [use_up([ticket]), use_up([ticket])] == [[True], [False]]


def test_of_two_uses_in_one_batch_the_first_counts() -> None:
    one, other = read_ticket(issue_ticket(CLAIMS)), read_ticket(issue_ticket(CLAIMS))

    assert use_up([one, other, one]) == [True, True, False]


def test_another_process_knows_what_was_used() -> None:
    ticket = read_ticket(issue_ticket(CLAIMS))
    assert use_up([ticket]) == [True]
    # What this process remembers by itself is not what the others ask.
    tickets._used_here.clear()

    assert use_up([ticket]) == [False]
    server: Any = client()
    assert 0 < server.ttl(f"ticket:{ticket.number}") <= TICKET_SECONDS + 5
