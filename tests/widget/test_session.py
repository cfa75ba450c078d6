"""A browser begins, continues and forgets a session."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.ears import Heard, codes_of
from tests.widget.browser import CHROME, PAGE, VIEWED, Browser, bearer
from widget.models import EndUser, Visit, VisitorToken, Widget

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


def everything(side: Side) -> list[object]:
    """Return all rows that a session may write, to compare before and after a refusal."""

    def rows() -> list[object]:
        return [list(model.all_states.order_by("pk").values()) for model in (EndUser, VisitorToken, Visit)]

    return side.inside(rows)


@pytest.fixture
def browser(cast: Cast) -> Browser:
    return Browser(cast.a.widget.public_key)


def test_the_first_session_makes_a_person_a_token_and_a_visit(cast: Cast, browser: Browser) -> None:
    answer = browser.open(locale="de-AT")
    with tenant(cast.a.organization.pk):
        token = VisitorToken.objects.select_related("end_user", "visit").get(
            token_hash=hashlib.sha256(answer["token"].encode()).hexdigest()
        )
    person, visit = token.end_user, token.visit
    assert answer["end_user"] == {
        "id": str(person.pk),
        "name": f"Visitor {str(person.pk)[-4:].upper()}",
        "email": None,
        "is_verified": False,
    }
    assert answer["storage_days"] == 90
    assert person.locale == "de"
    assert (visit.browser, visit.device) == ("Chrome", "desktop")
    assert [page["url"] for page in visit.pages] == ["https://shop.meridian.example/sofas"]
    assert token.token_hash not in answer["token"]
    assert len(answer["token"]) >= 43


def test_the_cookie_is_the_widgets_own_and_no_script_reads_it(browser: Browser) -> None:
    response = browser.send("POST", "session", {"locale": "en"})
    digest = hashlib.sha256(browser.public_key.encode()).hexdigest()[:8]
    (cookie,) = response.cookies.values()
    written = cookie.OutputString()
    assert written.startswith(f"__Host-lcv-{digest}={response.json()['token']}; ")
    assert set(written.split("; ")[1:]) == {
        "HttpOnly", "Max-Age=7776000", "Path=/", "SameSite=None", "Secure", "Partitioned",
    }  # fmt: skip


def test_the_cookie_never_outlives_the_data(cast: Cast, browser: Browser) -> None:
    cast.a.organization.retention_days = 7
    cast.a.organization.save()
    response = browser.send("POST", "session", {"locale": "en"})
    assert response.json()["storage_days"] == 7
    assert "Max-Age=604800" in str(response.cookies)


def test_a_reload_recalls_the_person_and_continues_the_visit(cast: Cast, browser: Browser) -> None:
    first = browser.open()
    again = browser.open(page={**PAGE, "url": "https://shop.meridian.example/tables"})
    assert again["token"] == first["token"]
    assert again["end_user"] == first["end_user"]
    with tenant(cast.a.organization.pk):
        (visit,) = Visit.objects.filter(end_user_id=first["end_user"]["id"])
    assert [page["url"].rsplit("/", 1)[1] for page in visit.pages] == ["sofas", "tables"]


def test_half_an_hour_of_silence_ends_a_visit(cast: Cast, browser: Browser) -> None:
    person = browser.open()["end_user"]["id"]
    with tenant(cast.a.organization.pk):
        Visit.objects.filter(end_user_id=person).update(last_seen_at=timezone.now() - timedelta(minutes=31))
    browser.user_agent = PHONE
    browser.open(page={**PAGE, "referrer": "https://search.example/?q=private"})
    with tenant(cast.a.organization.pk):
        old, new = Visit.objects.filter(end_user_id=person).order_by("started_at")
    assert (old.device, new.device, new.browser) == ("desktop", "phone", "Safari")
    assert new.referrer_host == "search.example"


def test_each_session_lets_person_and_token_live_another_retention_period(cast: Cast, browser: Browser) -> None:
    person = browser.open()["end_user"]["id"]
    soon = timezone.now() + timedelta(hours=1)
    with tenant(cast.a.organization.pk):
        EndUser.objects.filter(pk=person).update(expires_at=soon)
        VisitorToken.objects.filter(end_user_id=person).update(expires_at=soon)
    browser.open()
    with tenant(cast.a.organization.pk):
        token = VisitorToken.objects.select_related("end_user").get(end_user_id=person)
    assert min(token.expires_at, token.end_user.expires_at) > timezone.now() + timedelta(days=89)


def test_a_browser_without_cookies_uses_the_header(browser: Browser) -> None:
    first = browser.open()
    browser.client.cookies.clear()
    response = browser.send("POST", "session", {"locale": "en"}, **bearer(first["token"]))
    assert response.json()["end_user"] == first["end_user"]


def test_the_header_wins_over_the_cookie(cast: Cast, browser: Browser) -> None:
    mine = browser.open()
    response = browser.send("POST", "session", {"locale": "en"}, **bearer(cast.a.visitor_token))
    assert response.json()["end_user"]["id"] == str(cast.a.end_user.end_user_id) != mine["end_user"]["id"]


@pytest.mark.parametrize(
    "spoil",
    ["revoked", "expired", "person expired", "person restricted", "unknown", "neighbour's widget", "own second widget"],
)
def test_a_token_that_is_not_alive_recalls_nobody(cast: Cast, browser: Browser, spoil: str) -> None:
    token = browser.open()["token"]
    past, tokens, people = timezone.now() - timedelta(seconds=1), VisitorToken.all_states, EndUser.all_states
    with tenant(cast.a.organization.pk):
        match spoil:
            case "revoked":
                tokens.update(revoked_at=past)
            case "expired":
                tokens.update(expires_at=past)
            case "person expired":
                people.update(expires_at=past)
            case "person restricted":
                people.update(restricted_at=past)
            case "neighbour's widget":
                browser.public_key = cast.b.widget.public_key
            case "own second widget":
                second = Widget.objects.create(organization=cast.a.organization, name="2", public_key="pk_second")
                browser.public_key = second.public_key
            case _:
                token = "x" * 43
    before = everything(cast.a)
    response = browser.send("PATCH", "end-user", {"first_name": "Eve"}, **bearer(token))
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthenticated"
    assert everything(cast.a) == before
    assert browser.send("POST", "session", {"locale": "en"}, **bearer(token)).json()["token"] != token


def test_two_widgets_in_one_browser_keep_two_people_apart(cast: Cast, browser: Browser) -> None:
    first = browser.open()
    other = Browser(cast.b.widget.public_key, client=browser.client)
    second = other.open()
    assert first["end_user"]["id"] != second["end_user"]["id"]
    assert (browser.token, other.token) == (first["token"], second["token"])
    assert browser.open()["end_user"] == first["end_user"]


def test_forgetting_kills_the_token_and_clears_the_cookie(cast: Cast, browser: Browser) -> None:
    token = browser.open()["token"]
    response = browser.send("DELETE", "session")
    assert response.status_code == 204
    assert "Max-Age=0" in str(response.cookies)
    assert browser.token == ""
    assert browser.send("POST", "pages", VIEWED, **bearer(token)).status_code == 401
    assert browser.send("DELETE", "session").status_code == 204


def test_forgetting_closes_the_browsers_sockets_and_nobody_elses(committed_cast: Cast, heard: Heard) -> None:
    browser = Browser(committed_cast.a.widget.public_key)
    token = browser.open()["token"]
    with tenant(committed_cast.a.organization.pk):
        row = VisitorToken.objects.get(token_hash=hashlib.sha256(token.encode()).hexdigest())
        other = VisitorToken.objects.exclude(pk=row.pk).get()
    closed = heard.on(f"end_user_token.{row.pk}", f"end_user_token.{other.pk}")
    browser.send("DELETE", "session")
    assert codes_of(closed()) == [4401]


def test_a_widget_that_is_switched_off_is_not_there(cast: Cast, browser: Browser) -> None:
    with tenant(cast.a.organization.pk):
        type(cast.a.widget).objects.update(is_active=False)
    before = everything(cast.a)
    assert browser.send("POST", "session", {"locale": "en"}).status_code == 404
    assert everything(cast.a) == before


@pytest.mark.parametrize("key", ["pk_unknown", "pk_" + "0" * 60, "%00", "%ED%A0%80", "ключ", "' OR 1=1--"])
def test_a_key_that_nobody_has_is_not_found(cast: Cast, key: str) -> None:
    before = everything(cast.a)
    assert Browser(key).send("POST", "session", {"locale": "en"}).status_code == 404
    assert everything(cast.a) == before


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.meridian.example",
        "null",
        "http://widget.localhost",
        settings.WIDGET_URL.replace("http:", "https:"),
        f"{settings.WIDGET_URL}.evil.example",
        settings.WIDGET_URL.upper(),
        settings.SITE_URL,
        "",
    ],
)
def test_only_the_widgets_own_pages_may_write(cast: Cast, browser: Browser, origin: str) -> None:
    before = everything(cast.a)
    response = browser.send("POST", "session", {"locale": "en"}, HTTP_ORIGIN=origin)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")
    assert everything(cast.a) == before


def test_writing_without_an_origin_is_refused(cast: Cast, browser: Browser) -> None:
    response = browser.client.post(
        f"/api/v1/widget/{browser.public_key}/session",
        b"{}",
        content_type="application/json",
        HTTP_HOST=settings.WIDGET_HOST,
    )
    assert response.status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"locale": "en", "organization": "x"}, "organization"),
        ({"locale": "en", "page": {**PAGE, "id": 1}}, "page.id"),
        ({"locale": "e\x00n"}, "locale"),
        ({"locale": 7.5, "page": {"url": ["https://x.example"], "title": ""}}, "page.url"),
        ({"locale": "en", "page": {**PAGE, "url": "javascript:alert(1)"}}, "page.url"),
        ({"locale": "en", "page": {**PAGE, "url": "https://["}}, "page.url"),
        ({"locale": "en", "page": {**PAGE, "title": "a\x00b"}}, "page.title"),
        ({"locale": "x" * 36}, "locale"),
        ({"locale": "en", "jwt": "x" * 9000}, "jwt"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_stored(
    cast: Cast, browser: Browser, body: dict[str, object], field: str
) -> None:
    before = everything(cast.a)
    response = browser.send("POST", "session", body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
    assert field in response.json()["error"]["fields"]
    assert everything(cast.a) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"locale": "\\ud800"}', 400),
        (b'{"locale": "\xff"}', 400),
        (b"[1, 2]", 400),
        (b"{" * 10_000, 400),
        (b"[" * 10_000, 400),
        (b'{"locale": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_json_is_refused(cast: Cast, browser: Browser, body: bytes, status: int) -> None:
    before = everything(cast.a)
    response = browser.send("POST", "session", body)
    assert response.status_code == status
    assert set(response.json()) == {"error"}
    assert everything(cast.a) == before


def test_only_json_is_read(cast: Cast, browser: Browser) -> None:
    response = browser.client.post(
        f"/api/v1/widget/{browser.public_key}/session",
        {"locale": "en"},
        HTTP_HOST=settings.WIDGET_HOST,
        HTTP_ORIGIN=settings.WIDGET_URL,
    )
    assert response.status_code == 415


def test_the_page_now_is_added_to_the_visit_and_the_newest_twenty_stay(cast: Cast, browser: Browser) -> None:
    person = browser.open()["end_user"]["id"]
    for number in range(21):
        page = {"url": f"https://user:secret@shop.meridian.example/{number}?q=1#x", "title": f" Page\n{number} "}
        assert browser.send("POST", "pages", page).status_code == 204
    browser.send("POST", "pages", {"url": "https://shop.meridian.example/20", "title": "Renamed"})
    with tenant(cast.a.organization.pk):
        (visit,) = Visit.objects.filter(end_user_id=person)
    assert [page["url"] for page in visit.pages] == [f"https://shop.meridian.example/{n}" for n in range(1, 21)]
    assert [page["title"] for page in visit.pages[-2:]] == ["Page 19", "Renamed"]


@pytest.mark.parametrize("path", ["identify", "end-user", "pages"])
def test_strangers_are_sent_to_open_a_session_first(cast: Cast, browser: Browser, path: str) -> None:
    before = everything(cast.a)
    response = browser.send("PATCH" if path == "end-user" else "POST", path, {"jwt": "x"})
    assert response.status_code == 401
    assert everything(cast.a) == before


def test_the_person_says_who_they_are(cast: Cast, browser: Browser) -> None:
    browser.open()
    changes = {"first_name": " Ana  María ", "last_name": "O'Neil", "email": "Ana@Example.COM", "phone": "+34 600"}
    response = browser.send("PATCH", "end-user", changes)
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["email"]) == ("Ana María O'Neil", "ana@example.com")
    assert browser.open()["end_user"] == response.json()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"first_name": "x" * 81}, "first_name"),
        ({"phone": "\x00"}, "phone"),
        ({"is_verified": True}, "is_verified"),
        ({"external_id": "1"}, "external_id"),
        ({"organization": "x"}, "organization"),
        ({"expires_at": "2099-01-01"}, "expires_at"),
        ({"first_name": None}, "first_name"),
    ],
)
def test_what_a_person_may_not_say_is_refused_whole(
    cast: Cast, browser: Browser, changes: dict[str, object], field: str
) -> None:
    browser.open()
    before = everything(cast.a)
    response = browser.send("PATCH", "end-user", {"last_name": "Kept out", **changes})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]
    assert everything(cast.a) == before


@pytest.mark.parametrize(
    ("user_agent", "browser_name", "device"),
    [
        (CHROME, "Chrome", "desktop"),
        (CHROME + " Edg/140.0", "Edge", "desktop"),
        (PHONE, "Safari", "phone"),
        (PHONE.replace("iPhone;", "iPad;"), "Safari", "tablet"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox", "phone"),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-X200) Chrome/140.0 Safari/537.36 SamsungBrowser/28",
            "Samsung Internet",
            "tablet",
        ),
        ("curl/8.5", "", "desktop"),
        ("", "", ""),
    ],
)
def test_only_family_and_kind_of_a_browser_are_kept(
    cast: Cast, browser: Browser, user_agent: str, browser_name: str, device: str
) -> None:
    browser.user_agent = user_agent
    person = browser.open()["end_user"]["id"]
    with tenant(cast.a.organization.pk):
        visit = Visit.objects.get(end_user_id=person)
    assert (visit.browser, visit.device) == (browser_name, device)
