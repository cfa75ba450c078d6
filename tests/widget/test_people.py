"""What is known about a person: the pre-chat form, the team's changes, and the gate before all of it."""

from collections.abc import Callable
from typing import Any  # changes as a door hands them over

import pytest
from django.db import transaction

from livecaller.core.actors import SystemActor
from livecaller.core.errors import ForbiddenError, InvalidError, NotFoundError, NotLiveError
from livecaller.core.limits import Limit
from tests.cast import Cast, Side
from tests.widget.browser import VIEWED, Browser
from tests.widget.limits import answer_beyond
from tests.widget.signing import secret_of, signed
from tests.widget.test_session import everything
from widget.models import EndUser, VisitorToken, Widget
from widget.services import (
    Opening,
    accept_form,
    change_end_user,
    identify,
    record_page,
    start_session,
    update_end_user,
)
from widget.services.browsers import IssuedToken
from widget.visits import page_from


def person_of(side: Side) -> EndUser:
    return side.inside(lambda: EndUser.objects.get(pk=side.end_user.end_user_id))


def fill(side: Side, **form: str) -> EndUser:
    return side.inside(lambda: accept_form(actor=side.end_user, widget=side.widget, form=form))


def change(side: Side, **changes: Any) -> EndUser:
    return side.inside(
        lambda: change_end_user(actor=side.operator, end_user_id=side.end_user.end_user_id, changes=changes)
    )


def test_the_form_is_stored_and_the_notice_accepted_once(cast: Cast) -> None:
    first = fill(cast.a, name="Ana María  Lopez", email="New@Example.com", phone="+34 600", topic="A sofa")
    assert (first.first_name, first.last_name) == ("Ana", "María Lopez")
    assert (first.email, first.phone) == ("new@example.com", "+34 600")
    assert first.notice_accepted_at is not None
    again = fill(cast.a, name="", email="")
    assert (again.email, again.notice_accepted_at) == ("new@example.com", first.notice_accepted_at)


def test_a_name_cannot_turn_the_sentence_it_stands_in(cast: Cast) -> None:
    person = fill(cast.a, name="\u202eAna\u2066 \tMar\x07ía\u200d\u200f")
    # A joiner and a mark of direction belong to the spelling of some names.
    assert (person.first_name, person.last_name) == ("Ana", "María\u200d\u200f")


def test_required_fields_must_be_given_unless_they_are_known(cast: Cast) -> None:
    cast.a.widget.form = {"name": "required", "email": "required", "phone": "required", "topic": "required"}
    before = everything(cast.a)
    with pytest.raises(InvalidError) as refusal:
        fill(cast.a, name=" ", topic="")
    # The cast's person has a name and an address already.
    assert set(refusal.value.fields or {}) == {"form.phone", "form.topic"}
    assert everything(cast.a) == before
    assert fill(cast.a, phone="1", topic="Sofa").phone == "1"


def test_a_verified_persons_details_are_only_completed_by_the_form(cast: Cast) -> None:
    cast.a.inside(lambda: EndUser.objects.update(is_verified=True))
    person = fill(cast.a, name="Somebody Else", email="else@example.com", phone="1")
    assert (person.first_name, person.email) == ("Ana", person_of(cast.b).email.replace("outsider", "meridian"))
    assert (person.last_name, person.phone) == ("Else", "1")


def test_the_team_writes_down_what_it_learns(cast: Cast) -> None:
    person = change(cast.a, first_name="Anna", attributes={"plan": " gold\n", "since": "2024"})
    assert (person.first_name, person.attributes) == ("Anna", {"plan": "gold", "since": "2024"})
    assert change(cast.a, attributes={}).attributes == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"first_name": "x" * 81},
        {"is_verified": "yes"},
        {"external_id": "1"},
        {"attributes": ["a"]},
        {"attributes": {"": "x"}},
        {"attributes": {"x": "y" * 256}},
        {"attributes": {str(number): "" for number in range(51)}},
    ],
)
def test_what_the_team_may_not_write_is_refused_whole(cast: Cast, changes: dict[str, Any]) -> None:
    before = everything(cast.a)
    with pytest.raises(InvalidError):
        change(cast.a, last_name="Kept out", **changes)
    assert everything(cast.a) == before


def test_a_neighbours_person_is_not_there(cast: Cast) -> None:
    before = everything(cast.b)
    with pytest.raises(NotFoundError):
        cast.a.inside(
            lambda: change_end_user(
                actor=cast.a.owner, end_user_id=cast.b.end_user.end_user_id, changes={"first_name": "Eve"}
            )
        )
    assert everything(cast.b) == before


def test_a_session_with_a_neighbours_widget_is_not_there(cast: Cast) -> None:
    actor = SystemActor(cast.a.organization.pk)
    before = everything(cast.a), everything(cast.b)
    with pytest.raises(NotFoundError):
        cast.a.inside(lambda: start_session(actor=actor, widget=cast.b.widget, opening=Opening()))
    assert (everything(cast.a), everything(cast.b)) == before


def ways_in(side: Side, jwt: str) -> dict[str, Callable[[], object]]:
    """Return every service that takes what an end-user gives."""
    token = side.inside(lambda: VisitorToken.objects.select_related("end_user").get())
    widget = side.inside(lambda: Widget.objects.select_related("organization").get())
    actor, page = side.end_user, page_from("https://shop.example/a")
    return {
        "session": lambda: start_session(
            actor=SystemActor(side.organization.pk), widget=widget, opening=Opening(presented=side.visitor_token)
        ),
        "identify": lambda: identify(
            actor=actor, widget=widget, presented=IssuedToken(token, side.visitor_token), jwt=jwt, user_agent=""
        ),
        "profile": lambda: update_end_user(actor=actor, changes={"first_name": "Eve"}),
        "form": lambda: accept_form(actor=actor, widget=widget, form={"name": "Eve"}),
        "page": lambda: record_page(actor=actor, token=token, page=page, user_agent=""),
    }


@pytest.mark.parametrize("way", ["session", "identify", "profile", "form", "page"])
def test_a_widget_that_is_not_live_takes_nothing(cast: Cast, way: str) -> None:
    jwt = signed(secret_of(cast.a)[1])
    cast.a.inside(lambda: Widget.objects.update(is_active=False))
    before = everything(cast.a)
    with pytest.raises(NotLiveError):
        cast.a.inside(ways_in(cast.a, jwt)[way])
    assert everything(cast.a) == before
    cast.a.inside(lambda: Widget.objects.update(is_active=True))
    cast.a.inside(ways_in(cast.a, jwt)[way])
    assert everything(cast.a) != before


@pytest.mark.parametrize("role", ["operator", "owner"])
def test_an_unknown_role_may_change_nobody(cast: Cast, role: str) -> None:
    actor = getattr(cast.a, role)
    stranger = type(actor)(**{**{name: getattr(actor, name) for name in actor.__slots__}, "role": "guest"})
    before = everything(cast.a)
    with pytest.raises(ForbiddenError), transaction.atomic():
        cast.a.inside(
            lambda: change_end_user(
                actor=stranger, end_user_id=cast.a.end_user.end_user_id, changes={"first_name": "Eve"}
            )
        )
    assert everything(cast.a) == before


@pytest.mark.parametrize(
    "limit", [Limit("widget_address", burst=300, seconds=60), Limit("widget_person", burst=120, seconds=60)]
)
def test_everything_below_the_widgets_key_is_limited(cast: Cast, limit: Limit) -> None:
    browser = Browser(cast.a.widget.public_key)
    person = browser.open()["end_user"]["id"]
    subject = browser.address if limit.name == "widget_address" else person
    response = answer_beyond(limit, subject, lambda: browser.send("PATCH", "end-user", {"first_name": "Eve"}))
    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limited")
    assert int(response["Retry-After"]) >= 1
    other = Browser(cast.a.widget.public_key, address="198.51.100.9")
    other.open()
    assert other.send("POST", "pages", VIEWED).status_code == 204


def test_identify_is_limited_per_person(cast: Cast) -> None:
    browser = Browser(cast.a.widget.public_key)
    person = browser.open()["end_user"]["id"]
    limit = Limit("widget_identify", burst=10, seconds=60)
    response = answer_beyond(limit, person, lambda: browser.send("POST", "identify", {"jwt": "a.b.c"}))
    assert response.json()["error"]["code"] == "rate_limited"
    other = Browser(cast.a.widget.public_key)
    other.open()
    assert other.send("POST", "identify", {"jwt": "a.b.c"}).status_code == 400


def test_sessions_of_one_network_are_limited_and_others_feel_nothing(cast: Cast) -> None:
    browser = Browser(cast.a.widget.public_key)
    limit = Limit("widget_session", burst=60, seconds=600)
    response = answer_beyond(limit, browser.address, lambda: browser.send("POST", "session", {"locale": "en"}))
    assert response.json()["error"]["code"] == "rate_limited"
    assert Browser(cast.a.widget.public_key, address="198.51.100.4").open()


def test_one_household_of_version_6_addresses_is_one_network(cast: Cast) -> None:
    browser = Browser(cast.a.widget.public_key, address="2001:db8:1:2:aaaa:bbbb:cccc:dddd")
    limit = Limit("widget_session", burst=60, seconds=600)
    answer_beyond(limit, "2001:db8:1:2::/64", lambda: browser.send("POST", "session", {"locale": "en"}))
    browser.address = "2001:db8:1:3::1"
    assert browser.open()
