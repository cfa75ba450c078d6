"""Every address x every caller, with the neighbour's ids: nothing is read, nothing changes, nothing is announced.

And each time the neighbour's own person succeeds with the very same request, so that something could have.
"""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse, HttpResponseBase

from chats.models import Message
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast
from tests.security.matrix import ROWS, Door, callers, names_somebody, use
from tests.security.routes import Route, every_route
from tests.security.story import Story, tell
from tests.security.witness import print_of

REFUSED = {301, 302, 400, 401, 403, 404, 405, 410, 421, 429}
CASES = [
    pytest.param(route, method, id=f"{route.host}:{route.pattern}:{method}")
    for route, row in sorted(ROWS.items())
    if row.door is not Door.ANYBODY
    for method in row.methods
]


@pytest.fixture
def stories(cast: Cast) -> tuple[Story, Story]:
    """Both organizations with one of everything: the attacker's and the neighbour's."""
    return tell(cast.a), tell(cast.b)


def test_every_route_is_in_the_matrix() -> None:
    shop = {route for route in every_route() if route.host == "shop"}
    assert every_route() - shop - set(ROWS) == set(), "Say in matrix.py who may use these addresses."
    assert set(ROWS) - every_route() == set(), "These addresses are gone: take them out of matrix.py."


@pytest.mark.parametrize(("route", "method"), CASES)
def test_a_stranger_meets_a_wall(route: Route, method: str, stories: tuple[Story, Story]) -> None:
    mine, theirs = stories
    row = ROWS[route]
    before = print_of(theirs.side.organization.pk)
    for name, client in callers(mine).items():
        for ids in _attacks(mine, theirs):
            queued = len(connection.run_on_commit)
            is_theirs = row.door is Door.END_USER and ids["public_key"] == theirs.ids["public_key"]
            must_refuse = names_somebody(route) or is_theirs
            response = use(client, route, row, method, ids=ids, story=theirs)
            check_wall(name, response, theirs, must_refuse=must_refuse)
            if must_refuse:
                assert len(connection.run_on_commit) == queued, f"{name} set off an event or a task"
    assert print_of(theirs.side.organization.pk) == before


@pytest.mark.parametrize(("route", "method"), CASES)
def test_the_same_request_works_for_its_own_people(route: Route, method: str, stories: tuple[Story, Story]) -> None:
    _, theirs = stories
    row = ROWS[route]
    client = callers(theirs)[row.door.value]
    ids = theirs.ids
    if row.door is Door.END_USER:
        ids = {**ids, "attachment_id": _own_upload(theirs)} if "attachment_id" in route.pattern else ids
    response = use(client, route, row, method, ids=ids, story=theirs)
    allowed = {400} if route.pattern.endswith("identify") else set()
    assert response.status_code < 400 or response.status_code in allowed, response.content[:300]
    assert not response.headers.get("Location", "").startswith("/accounts/login")


def test_a_body_with_a_neighbours_id_is_refused(stories: tuple[Story, Story]) -> None:
    """Where the address is one's own and only the body names the neighbour's things."""
    mine, theirs = stories
    before = print_of(theirs.side.organization.pk), print_of(mine.side.organization.pk)
    operator = mine.side.operator_client()
    thread = f"/api/v1/conversations/{mine.conversation.pk}"
    attempts: dict[str, dict[str, object]] = {
        f"{thread}/assign": {"assignee": theirs.ids["membership_id"]},
        f"{thread}/messages": {"client_id": str(uuid4()), "body": "x", "attachments": [theirs.ids["attachment_id"]]},
    }
    for address, body in attempts.items():
        response = operator.post(address, body, content_type="application/json")
        check_wall("operator", response, theirs, must_refuse=True)
    assert (print_of(theirs.side.organization.pk), print_of(mine.side.organization.pk)) == before
    for address, body in attempts.items():
        own = {name: _swap(value, theirs, mine) for name, value in body.items()}
        assert operator.post(address, own, content_type="application/json").status_code < 300


def test_a_neighbours_token_is_a_strangers(stories: tuple[Story, Story]) -> None:
    """A token of one widget opens nothing at another: its holder is a new person there, without a past."""
    mine, theirs = stories
    client = mine.side.end_user_client()
    address = "/api/v1/widget/{}/session"
    body = {"jwt": None, "locale": "en", "page": None}
    there = client.post(address.format(theirs.side.widget.public_key), body, content_type="application/json")
    assert there.status_code == 200
    check_wall("end-user", there, theirs, must_refuse=False)
    assert there.json()["threads"] == []
    here = client.post(address.format(mine.side.widget.public_key), body, content_type="application/json")
    assert [thread["id"] for thread in here.json()["threads"]] == [str(mine.conversation.pk)]


def test_a_view_without_walls_is_noticed(stories: tuple[Story, Story]) -> None:
    """The test of the test: views that enter whatever organization they are told must fail the check."""
    _, theirs = stories

    def unscoped() -> HttpResponse:
        with tenant(theirs.side.organization.pk):
            return HttpResponse(" ".join(Message.objects.values_list("body", flat=True)))

    with pytest.raises(AssertionError, match="could read"):
        check_wall("operator", unscoped(), theirs, must_refuse=False)
    with pytest.raises(AssertionError, match="was let in"):
        check_wall("operator", HttpResponse("nothing of theirs"), theirs, must_refuse=True)


def check_wall(caller: str, response: HttpResponseBase, theirs: Story, *, must_refuse: bool) -> None:
    """Raise unless the answer is free of the neighbour's words and, where it must be, a refusal."""
    assert response.status_code < 500, (caller, response.status_code)
    text = response.getvalue() if isinstance(response, HttpResponse) else b"".join(response)
    sent = response.request.get("PATH_INFO", "") if hasattr(response, "request") else ""
    for secret in theirs.secrets:
        if secret not in sent:
            assert secret.encode() not in text, f"{caller} could read {secret}"
    if must_refuse:
        assert response.status_code in REFUSED, f"{caller} was let in: {response.status_code}"


def _attacks(mine: Story, theirs: Story) -> list[Mapping[str, str]]:
    """Return the neighbour's ids under the neighbour's widget key, and under one's own."""
    return [theirs.ids, {**theirs.ids, "public_key": mine.ids["public_key"]}]


def _swap(value: object, theirs: Story, mine: Story) -> object:
    """Return the same body value with one's own ids in place of the neighbour's."""
    if isinstance(value, list):
        return [_swap(item, theirs, mine) for item in value]
    names = {found: name for name, found in theirs.ids.items()}
    return mine.ids[names[value]] if value in names else value


def _own_upload(story: Story) -> str:
    response = story.side.end_user_client().post(
        f"/api/v1/widget/{story.side.widget.public_key}/attachments",
        {"file": SimpleUploadedFile("a.txt", b"text"), "conversation": str(story.conversation.pk)},
    )
    assert response.status_code == 201, response.content
    return str(response.json()["id"])
