"""The table of the tenant matrix: for every address, who may use it and how it is used for real.

A route that is not in `ROWS` fails `test_tenant_matrix.py`, so nobody adds an address without saying who may.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any  # bodies are JSON
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.security.routes import NETLOC, Route
from tests.security.story import Story

Body = Callable[[Story], dict[str, Any]]


class Door(Enum):
    """Whom an address is for."""

    ANYBODY = "anybody"
    OPERATOR = "operator"
    OWNER = "owner"
    END_USER = "end-user"


@dataclass(frozen=True)
class Row:
    """How one address is used: by whom, with which methods and bodies.

    `form`: bodies are forms, not JSON. `body_names`: the body carries an id of something of one organization.
    """

    door: Door
    methods: Mapping[str, Body | None] = field(default_factory=lambda: {"get": None})
    form: bool = False
    body_names: bool = False


def _none(_: Story) -> dict[str, Any]:
    return {}


def _message(_: Story) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "body": "Hello", "attachments": []}


def _file(_: Story) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.txt", b"text", content_type="text/plain")}


def _file_for(story: Story) -> dict[str, Any]:
    return {**_file(story), "conversation": story.ids["conversation_id"]}


def _note(_: Story) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "body": "A note"}


def _assignee(story: Story) -> dict[str, Any]:
    return {"assignee": story.ids["membership_id"]}


def _look(_: Story) -> dict[str, Any]:
    return {"color": "#123456", "position": "start", "launcher": "bubble", "theme": "auto"}


def _start(_: Story) -> dict[str, Any]:
    return {
        "client_id": str(uuid4()),
        "body": "Hello",
        "attachments": [],
        "form": {"name": "Ana", "email": "ana@customer.example"},
        "notice_accepted": True,
    }


def _operator(**methods: Body | None) -> Row:
    return Row(Door.OPERATOR, methods)


def _end_user(**methods: Body | None) -> Row:
    return Row(Door.END_USER, methods)


def _owner(**methods: Body | None) -> Row:
    return Row(Door.OWNER, methods, form=True)


_PUBLIC = Row(Door.ANYBODY)
_API = "api/v1/"
_THREAD = f"{_API}conversations/<uuid:conversation_id>"
_OWN_WIDGET = "widgets/<uuid:widget_id>/"
_WIDGET = f"{_API}widget/<str:public_key>/"
_WIDGET_THREAD = f"{_WIDGET}conversations/<uuid:conversation_id>"

ROWS: dict[Route, Row] = {
    **{
        Route("site", path): _PUBLIC
        for path in (
            "",
            "privacy/",
            "terms/",
            "robots.txt",
            "accounts/login/",
            "accounts/logout/",
            "accounts/signup/",
            "accounts/inactive/",
            "accounts/confirm-email/",
            r"accounts/^confirm-email/(?P<key>[-:\w]+)/$",
            "accounts/password/reset/",
            "accounts/password/reset/done/",
            r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            "accounts/password/reset/key/done/",
            "accounts/password/change/",
            "organizations/new/",
            "mail/",
            f"{_API}schema",
        )
    },
    Route("site", "preferences/"): Row(Door.ANYBODY, {"post": lambda _: {"language": "en"}}, form=True),
    Route("site", "organizations/switch/"): Row(
        Door.OPERATOR,
        {"post": lambda story: {"organization": story.ids["organization_id"]}},
        form=True,
        body_names=True,
    ),
    Route("site", "invitations/<uuid:organization_id>/<str:token>/"): _PUBLIC,
    Route("site", "inbox/"): _operator(get=None),
    Route("site", "profile/"): _operator(get=None),
    Route("site", "settings/"): _owner(get=None),
    Route("site", "audit/"): _owner(get=None),
    Route("site", "audit/verify/"): _owner(post=_none),
    Route("site", "team/"): _owner(get=None),
    Route("site", "team/invite/"): _owner(post=lambda _: {"email": f"{uuid4().hex}@x.example", "role": "operator"}),
    Route("site", "team/invitations/<uuid:invitation_id>/resend/"): _owner(post=_none),
    Route("site", "team/invitations/<uuid:invitation_id>/revoke/"): _owner(post=_none),
    Route("site", "team/members/<uuid:membership_id>/role/"): _owner(post=lambda _: {"role": "admin"}),
    Route("site", "team/members/<uuid:membership_id>/remove/"): _owner(post=_none),
    Route("site", "widgets/"): _owner(get=None),
    Route("site", "widgets/new/"): _owner(get=None, post=lambda _: {"name": "New", "site": "https://new.example"}),
    Route("site", _OWN_WIDGET): _owner(get=None),
    Route("site", f"{_OWN_WIDGET}settings/<str:section>/"): _owner(post=_look),
    Route("site", f"{_OWN_WIDGET}install/"): _owner(get=None),
    Route("site", f"{_OWN_WIDGET}allow/"): _owner(post=lambda _: {"origin": "https://new.example"}),
    Route("site", f"{_OWN_WIDGET}identity/"): _owner(post=lambda _: {"requires_identity": "on"}),
    Route("site", f"{_OWN_WIDGET}secrets/"): _owner(post=_none),
    Route("site", f"{_OWN_WIDGET}secrets/<uuid:secret_id>/retire/"): _owner(post=_none),
    Route("site", f"{_API}me"): _operator(get=None),
    Route("site", f"{_API}members"): _operator(get=None),
    Route("site", f"{_API}presence"): _operator(get=None, put=lambda _: {"status": "busy"}),
    Route("site", f"{_API}socket-tickets"): _operator(post=_none),
    Route("site", f"{_API}end-users/<uuid:end_user_id>"): _operator(get=None, patch=lambda _: {"first_name": "Eve"}),
    Route("site", f"{_API}conversations"): _operator(get=None),
    Route("site", f"{_API}conversations/counts"): _operator(get=None),
    Route("site", _THREAD): _operator(get=None),
    Route("site", f"{_THREAD}/sync"): _operator(get=None),
    Route("site", f"{_THREAD}/messages"): _operator(get=None, post=_message),
    Route("site", f"{_THREAD}/messages/<uuid:message_id>"): _operator(patch=lambda _: {"body": "New"}, delete=None),
    Route("site", f"{_THREAD}/notes"): _operator(get=None, post=_note),
    Route("site", f"{_THREAD}/read"): _operator(post=lambda _: {"seq": 1}),
    Route("site", f"{_THREAD}/assign"): _operator(post=_assignee),
    Route("site", f"{_THREAD}/close"): _operator(post=_none),
    Route("site", f"{_THREAD}/reopen"): _operator(post=_none),
    Route("site", f"{_THREAD}/mark-spam"): _operator(post=_none),
    Route("site", f"{_API}attachments"): Row(Door.OPERATOR, {"post": _file_for}, form=True, body_names=True),
    Route("site", f"{_API}attachments/<uuid:attachment_id>"): _operator(get=None),
    Route("widget", r"^w/(?P<name>loader-[0-9a-f]{12}\.js)$"): _PUBLIC,
    Route("widget", "w/<str:public_key>.js"): _PUBLIC,
    Route("widget", "frame/<str:public_key>"): _PUBLIC,
    # Anybody may become a new end-user of any widget: `test_a_neighbours_token_is_a_strangers` has its walls.
    Route("widget", f"{_WIDGET}session"): _PUBLIC,
    Route("widget", f"{_WIDGET}identify"): _end_user(post=lambda _: {"jwt": "x.y.z"}),
    Route("widget", f"{_WIDGET}end-user"): _end_user(patch=lambda _: {"first_name": "Eve"}),
    Route("widget", f"{_WIDGET}pages"): _end_user(post=lambda _: {"url": "https://shop.example/a", "title": "A"}),
    Route("widget", f"{_WIDGET}socket-tickets"): _end_user(post=_none),
    Route("widget", f"{_WIDGET}conversations"): _end_user(get=None, post=_start),
    Route("widget", f"{_WIDGET_THREAD}/messages"): _end_user(get=None, post=_message),
    Route("widget", f"{_WIDGET_THREAD}/sync"): _end_user(get=None),
    Route("widget", f"{_WIDGET_THREAD}/read"): _end_user(post=lambda _: {"seq": 1}),
    Route("widget", f"{_WIDGET_THREAD}/close"): _end_user(post=_none),
    Route("widget", f"{_WIDGET_THREAD}/transcript"): _end_user(get=None),
    Route("widget", f"{_WIDGET}attachments"): Row(Door.END_USER, {"post": _file_for}, form=True, body_names=True),
    Route("widget", f"{_WIDGET}attachments/<uuid:attachment_id>"): _end_user(get=None),
    Route("files", "f/<str:token>/<str:name>"): _PUBLIC,
    **{Route("probe", path): _PUBLIC for path in ("health/live", "health/ready", "metrics")},
}


def names_somebody(route: Route) -> bool:
    """Say whether the request carries an id of something that belongs to one organization."""
    return "<uuid:" in route.pattern or ROWS[route].body_names


def callers(story: Story) -> dict[str, Client]:
    """Return one browser per kind of caller of an organization, and an anonymous one."""
    side = story.side
    return {
        "anonymous": Client(),
        "end-user": side.end_user_client(),
        "operator": side.operator_client(),
        "owner": side.owner_client(),
    }


def address_of(route: Route, ids: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return a path with `ids` in it, and the headers that the host asks for."""
    path = "/" + re.sub(r"<\w+:(\w+)>", lambda found: ids.get(found.group(1), "x"), route.pattern)
    options: dict[str, Any] = {"HTTP_HOST": NETLOC[route.host]}
    if route.host == "widget":
        options["HTTP_ORIGIN"] = settings.WIDGET_URL
    return path, options


def use(client: Client, route: Route, row: Row, method: str, *, ids: Mapping[str, str], story: Story) -> HttpResponse:
    """Send one request as the row says, with `ids` in the address and the body made for `story`."""
    path, options = address_of(route, ids)
    body = row.methods[method]
    if body is not None:
        options["data"] = body(story)
        if not row.form:
            options["content_type"] = "application/json"
    client.raise_request_exception = False
    return getattr(client, method)(path, **options)  # type: ignore[no-any-return]
