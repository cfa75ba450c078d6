"""The pages on which an organization sets up and installs its widgets."""

from html import unescape
from typing import Any  # responses of the test client
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast
from tests.widget.browser import Browser
from tests.widget.markup import Page
from tests.widget.pages import address, everything, seen, stored, words
from widget.models import IdentitySecret, Widget, WidgetSighting
from widget.services import create_widget

LOOK = {"color": "#123456", "position": "start", "launcher": "hidden", "theme": "dark"}
HOSTILE = "</textarea></script><img src=x onerror=alert(1)>\"'"


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.a.owner_client()


def test_a_new_widget_is_made_and_its_snippet_shown(cast: Cast, owner: Client) -> None:
    response = owner.post("/widgets/new/", {"name": " Second  shop ", "site": "https://SHOP.example/"}, follow=True)
    widget = cast.a.inside(lambda: Widget.objects.exclude(pk=cast.a.widget.pk).get())
    assert response.redirect_chain == [(f"/widgets/{widget.pk}/install/", 302)]
    assert (widget.name, widget.allowed_origins) == ("Second shop", ["https://shop.example"])
    assert f"{settings.WIDGET_URL}/w/{widget.public_key}.js" in unescape(response.content.decode())
    assert Browser(widget.public_key).get(f"/w/{widget.public_key}.js").status_code == 200


@pytest.mark.parametrize(
    ("site", "advice"),
    [
        ("http://shop.example", "not encrypted"),
        ("https://shop.example/path", "https://shop.example, without the page"),
        ("shop.example", "not a web address"),
        ("https://*.example", "not a web address"),
        ("https://user@shop.example", "not a web address"),
        ("https://shop.example;script-src *", "not a web address"),
        ("https://shop.example 'unsafe-inline'", "not a web address"),
        ("javascript:alert(1)", "not a web address"),
        ("https://", "not a web address"),
        ("https://shop.example:99999", "not a web address"),
        ("null", "not a web address"),
    ],
)
def test_a_site_that_is_no_exact_origin_is_refused_with_advice(
    cast: Cast, owner: Client, site: str, advice: str
) -> None:
    before = everything(cast.a)
    response = owner.post("/widgets/new/", {"name": "Shop", "site": site})
    assert response.status_code == 422
    assert advice in words(response)
    assert everything(cast.a) == before


@pytest.mark.parametrize(
    ("site", "kept"),
    [
        ("https://www.Example.com:443/", "https://www.example.com"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:8437", "http://127.0.0.1:8437"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(cast: Cast, owner: Client, site: str, kept: str) -> None:
    owner.post(address(cast.a, "settings/sites/"), {"allowed_origins": f"{site}\r\n{kept}\r\n"})
    assert stored(cast.a).allowed_origins == [kept]


SECTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "look": (LOOK, {"look": LOOK}),
    "texts": (
        {"language": "de", "title": "Hallo", "greeting": "Fragen?", "intro": "Wir sind da.", "offline": ""},
        {"texts": {"de": {"title": "Hallo", "greeting": "Fragen?", "intro": "Wir sind da."}}},
    ),
    "form": (
        {"name": "required", "email": "required", "phone": "optional", "topic": "hidden"},
        {"form": {"name": "required", "email": "required", "phone": "optional", "topic": "hidden"}},
    ),
    "sites": ({"allowed_origins": "https://a.example\nhttps://b.example"},
              {"allowed_origins": ["https://a.example", "https://b.example"]}),
    "general": (
        {"name": "Main", "notice_url": "https://a.example/privacy", "locales": ["de", "ar"], "default_locale": "ar"},
        {"name": "Main", "notice_url": "https://a.example/privacy", "locales": ["de", "ar"], "default_locale": "ar",
         "is_active": False},
    ),
}  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_is_stored_recorded_and_shown_again(cast: Cast, owner: Client, section: str) -> None:
    sent, expected = SECTIONS[section]
    response = owner.post(address(cast.a, f"settings/{section}/"), sent)
    assert (response.status_code, response["Location"].endswith(f"#{section}")) == (302, True)
    widget = stored(cast.a)
    assert {name: getattr(widget, name) for name in expected} == expected
    event = cast.a.inside(lambda: AuditEvent.objects.order_by("position").last())
    assert event is not None
    assert (event.name, event.subject_id) == ("widget.changed", cast.a.widget.pk)
    assert owner.get(response["Location"]).status_code == 200


def test_words_of_one_language_leave_the_others_alone(cast: Cast, owner: Client) -> None:
    for language, title in (("en", "Hello"), ("de", "Hallo"), ("en", "")):
        owner.post(address(cast.a, "settings/texts/"), {"language": language, "title": title})
    assert stored(cast.a).texts == {"de": {"title": "Hallo"}}


@pytest.mark.parametrize(
    ("section", "change", "advice"),
    [
        ("look", {"color": "red"}, "#0e6656"),
        ("look", {"color": "#12345g"}, "#0e6656"),
        ("look", {"position": "middle"}, "Select a valid choice"),
        ("look", {"public_key": "pk_mine"}, "does not ask for"),
        ("texts", {"title": "x" * 61}, "60 characters"),
        ("texts", {"language": "xx"}, "Select a valid choice"),
        ("texts", {"title": "a\x00b"}, "Null characters are not allowed"),
        ("form", {"name": "maybe"}, "Select a valid choice"),
        ("sites", {"allowed_origins": "https://a.example/page"}, "without the page"),
        ("sites", {"allowed_origins": "\n".join(f"https://a{n}.example" for n in range(21))}, "Allowed: 20"),
        ("general", {"notice_url": "javascript:alert(1)"}, "beginning with https"),
        ("general", {"notice_url": "http://a.example/"}, "beginning with https"),
        ("general", {"notice_url": "http://localhost.a.example/"}, "beginning with https"),
        ("general", {"notice_url": "ftp://localhost/"}, "beginning with https"),
        ("general", {"name": ""}, "required"),
        ("general", {"default_locale": "fr"}, "must be one of the languages offered"),
        ("general", {"organization": "x"}, "does not ask for"),
    ],
)
def test_what_a_section_may_not_hold_is_refused_whole(
    cast: Cast, owner: Client, section: str, change: dict[str, object], advice: str
) -> None:
    before = everything(cast.a)
    response = owner.post(address(cast.a, f"settings/{section}/"), {**SECTIONS[section][0], **change})
    assert response.status_code == 422
    assert advice in words(response)
    assert everything(cast.a) == before


def test_an_unknown_section_is_not_found(cast: Cast, owner: Client) -> None:
    before = everything(cast.a)
    assert owner.post(address(cast.a, "settings/secrets/"), {}).status_code == 404
    assert everything(cast.a) == before


def test_hostile_words_are_shown_as_words(cast: Cast, owner: Client) -> None:
    texts = {"language": "en", "title": HOSTILE, "greeting": HOSTILE, "intro": HOSTILE}
    owner.post(address(cast.a, "settings/texts/"), texts)
    cast.a.inside(lambda: Widget.objects.update(name=HOSTILE))
    seen(cast.a, "https://x.example/'><script>", allowed=False, script=1)
    for path in ("/widgets/", address(cast.a), address(cast.a, "install/")):
        response = owner.get(path)
        page = Page(response.content.decode())
        assert page.inline_code == []
        assert "img" not in [tag for tag, _ in page.tags]
        assert HOSTILE in unescape(response.content.decode())


ROUTES = [
    ("GET", ""), ("GET", "install/"), ("POST", "settings/look/"), ("POST", "allow/"), ("POST", "identity/"),
    ("POST", "secrets/"), ("POST", "secrets/{secret}/retire/"),
]  # fmt: skip
SENT = {**LOOK, "origin": "https://evil.example", "requires_identity": "on"}


@pytest.mark.parametrize(("method", "rest"), ROUTES)
def test_a_neighbours_widget_is_not_there(cast: Cast, owner: Client, method: str, rest: str) -> None:
    neighbour = cast.b.owner_client()
    neighbour.post(address(cast.b, "secrets/"))
    secret = cast.b.inside(IdentitySecret.objects.get)
    before = everything(cast.a), everything(cast.b)
    path = address(cast.b, rest.format(secret=secret.pk))
    body = LOOK if "look" in rest else {key: SENT[key] for key in ("origin",) if "allow" in rest}
    response = owner.generic(method, path) if method == "GET" else owner.post(path, body)
    assert response.status_code == 404
    assert (everything(cast.a), everything(cast.b)) == before
    allowed = neighbour.generic(method, path) if method == "GET" else neighbour.post(path, body)
    assert allowed.status_code in {200, 302}


def test_a_neighbours_secret_cannot_be_retired_through_ones_own_widget(cast: Cast, owner: Client) -> None:
    cast.b.owner_client().post(address(cast.b, "secrets/"))
    secret = cast.b.inside(IdentitySecret.objects.get)
    before = everything(cast.b)
    assert owner.post(address(cast.a, f"secrets/{secret.pk}/retire/")).status_code == 404
    assert owner.post(address(cast.a, f"secrets/{uuid4()}/retire/")).status_code == 404
    assert everything(cast.b) == before


@pytest.mark.parametrize(("method", "rest"), [*ROUTES, ("GET", "../"), ("GET", "../new/"), ("POST", "../new/")])
def test_operators_may_not_manage_widgets(cast: Cast, method: str, rest: str) -> None:
    cast.a.owner_client().post(address(cast.a, "secrets/"))
    secret = cast.a.inside(IdentitySecret.objects.get)
    before = everything(cast.a)
    client = cast.a.operator_client()
    path = address(cast.a, rest.format(secret=secret.pk)).replace(f"{cast.a.widget.pk}/../", "")
    body = LOOK if "look" in rest else {"origin": "https://x.example", "name": "x", "site": "https://x.example"}
    response = client.get(path) if method == "GET" else client.post(path, body)
    assert response.status_code == 403
    assert everything(cast.a) == before


@pytest.mark.parametrize("rest", ["", "install/"])
def test_nobody_is_sent_to_sign_in(cast: Cast, rest: str) -> None:
    response = Client(HTTP_HOST=settings.SITE_HOST).get(address(cast.a, rest))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_the_list_costs_the_same_for_one_widget_and_for_three(cast: Cast, owner: Client) -> None:
    owner.get("/widgets/")
    counts = []
    for number in (1, 3):
        while cast.a.inside(Widget.objects.count) < number:
            cast.a.inside(lambda: create_widget(actor=cast.a.owner, changes={"name": "More"}))
        with tenant(cast.a.organization.pk):
            for widget in Widget.objects.filter(sightings=None):
                WidgetSighting.objects.create(
                    organization=cast.a.organization,
                    widget=widget,
                    origin="https://shop.meridian.example",
                    is_allowed=True,
                    script_seen_at=timezone.now(),
                )
        with CaptureQueriesContext(connection) as queries:
            page = owner.get("/widgets/")
        assert words(page).count("Seen just now") == number
        counts.append([query["sql"].split("FROM")[0][:40] for query in queries if "widget_widget" in query["sql"]])
    assert [len(count) for count in counts] == [1, 1]


def test_widgets_seen_only_where_they_are_not_allowed_count_as_never_seen(cast: Cast, owner: Client) -> None:
    seen(cast.a, "https://evil.example", allowed=False, script=1, frame=1)
    assert "Never seen" in words(owner.get("/widgets/"))


def test_the_number_of_widgets_is_limited(cast: Cast, owner: Client) -> None:
    side = cast.a
    side.inside(
        lambda: Widget.objects.bulk_create(
            Widget(organization=side.organization, name="x", public_key=f"pk_{uuid4().hex}") for _ in range(49)
        )
    )
    before = everything(side)
    response = owner.post("/widgets/new/", {"name": "One more", "site": "https://x.example"})
    assert (response.status_code, "as many widgets as" in words(response)) == (422, True)
    assert everything(side) == before
