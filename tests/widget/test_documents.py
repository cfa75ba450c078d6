"""What the widget host gives to everybody: the loader and the frame."""

import base64
import gzip
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any  # JSON

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.widget.browser import Browser
from tests.widget.limits import use_up
from tests.widget.markup import Page
from widget.loader import pinned_loader
from widget.look import contrast, readable_pair
from widget.models import Widget, WidgetSighting
from widget.services import change_widget
from widget.services.sightings import STRANGERS

DIST = Path(settings.BASE_DIR) / "static" / "dist"
HOSTILE = "</script><script>alert(1)</script>\u2028\u2029'\"`${alert(1)}\\ --> <!-- &lt;"
ON_SHOP = {"HTTP_REFERER": "https://shop.meridian.example/"}


@pytest.fixture
def browser(cast: Cast) -> Browser:
    return Browser(cast.a.widget.public_key)


def put(side: Side, **columns: object) -> None:
    """Write columns of the side's widget past the services, as an older release might have."""
    side.inside(lambda: Widget.objects.filter(pk=side.widget.pk).update(**columns))


def loader(browser: Browser, **headers: Any) -> Any:
    """Return the answer to the loader's address."""
    return browser.get(f"/w/{browser.public_key}.js", **headers)


def frame(browser: Browser, **headers: Any) -> Any:
    """Return the answer to the frame's address."""
    return browser.get(f"/frame/{browser.public_key}", **headers)


def configured(script: str) -> Any:
    """Return the configuration that a loader's script hands over."""
    assert script.startswith("(function(livecallerConfig){")
    assert script.endswith(");\n")
    return json.loads(script.rsplit("\n})(", 1)[1].removesuffix(");\n"))


def test_the_loader_is_the_built_one_with_the_public_look(cast: Cast, browser: Browser) -> None:
    response = loader(browser)
    script = response.content.decode()
    assert (DIST / "loader.js").read_text(encoding="utf-8") in script
    assert configured(script) == {
        "publicKey": browser.public_key,
        "name": "Meridian Furniture",
        "frameUrl": f"{settings.WIDGET_URL}/frame/{browser.public_key}",
        "look": {
            "color": "#0e6656",
            "onColor": "#ffffff",
            "position": "end",
            "launcher": "bubble",
            "theme": "light dark",
        },
        "texts": {},
        "locales": ["en", "ka", "de", "fr", "es", "ar", "he"],
        "defaultLocale": "en",
    }


def test_the_loaders_headers_let_every_cache_keep_one_copy_for_everybody(browser: Browser) -> None:
    response = loader(browser, HTTP_COOKIE="a=b", HTTP_ACCEPT_LANGUAGE="ar")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Vary"] == "Accept-Encoding"
    assert not response.cookies
    assert "Content-Language" not in response
    assert re.fullmatch(r'"[0-9a-f]{24}"', response["ETag"])


def test_a_cache_that_has_the_loader_gets_304(cast: Cast, browser: Browser) -> None:
    etag = loader(browser)["ETag"]
    again = loader(browser, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert again["Vary"] == "Accept-Encoding"
    put(cast.a, look={"color": "#123456"})
    assert loader(browser, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_the_loader_is_compressed_and_the_same_bytes_each_time(browser: Browser) -> None:
    plain = loader(browser)
    small, again = (loader(browser, HTTP_ACCEPT_ENCODING="gzip, br") for _ in range(2))
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert small.content == again.content
    assert small["ETag"] != plain["ETag"]
    assert len(small.content) < len(plain.content)


def test_nothing_written_by_an_organization_breaks_out_of_the_loader(cast: Cast, browser: Browser) -> None:
    words = {"title": HOSTILE, "greeting": HOSTILE}
    put(cast.a, name=HOSTILE[:80], texts={"en": words})
    script = loader(browser).content.decode()
    literal = script.rsplit("\n})(", 1)[1]
    assert literal.isascii()
    assert not set("<>&\u2028\u2029") & set(literal)
    assert configured(script)["texts"] == {"en": words}


def test_an_unknown_key_gets_a_script_that_only_warns(cast: Cast) -> None:
    response = Browser("pk_nobody").get("/w/pk_nobody.js")
    assert response.status_code == 404
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.content.startswith(b'console.warn("LiveCaller: ')
    assert response["Cache-Control"] == "no-store"


def test_a_hostile_key_is_not_repeated(cast: Cast) -> None:
    response = Browser("x").get("/w/%22);alert(1);(%22.js")
    assert response.status_code == 404
    assert b"alert" not in response.content


def test_a_widget_that_is_switched_off_only_warns(cast: Cast, browser: Browser) -> None:
    put(cast.a, is_active=False)
    assert b"switched off" in loader(browser).content
    assert frame(browser).status_code == 404


def test_the_loader_says_nothing_personal(cast: Cast, browser: Browser) -> None:
    browser.open()
    script = loader(browser, HTTP_AUTHORIZATION=f"Visitor {browser.token}").content.decode()
    assert configured(script) == configured(loader(Browser(browser.public_key)).content.decode())


def test_the_pinned_loader_never_changes_and_may_be_checked(cast: Cast, browser: Browser) -> None:
    pinned = pinned_loader()
    response = browser.get(f"/w/{pinned.name}", HTTP_ORIGIN="https://shop.meridian.example")
    digest = base64.b64encode(hashlib.sha384(response.content).digest()).decode()
    assert pinned.integrity == f"sha384-{digest}"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies


def test_a_pinned_loader_outlives_the_release_that_made_it(cast: Cast, browser: Browser) -> None:
    name = "loader-0123456789ab.js"
    assert browser.get(f"/w/{name}").status_code == 404
    pinned = pinned_loader()
    with default_storage.open(f"loaders/{pinned.name}") as kept:
        assert kept.read() == (DIST / pinned.name).read_bytes()
    default_storage.delete(f"loaders/{name}")
    with default_storage.open(f"loaders/{name}", "wb") as older:
        older.write(b"older()")
    assert browser.get(f"/w/{name}").content == b"older()"
    default_storage.delete(f"loaders/{name}")


@pytest.mark.parametrize("path", ["/w/../settings.py", "/w/loader-..%2F..%2Fabc.js", "/w/loader-0123456789AB.js"])
def test_no_other_file_is_served(cast: Cast, browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_the_frame_carries_its_configuration_and_no_code_of_its_own(cast: Cast, browser: Browser) -> None:
    page = Page(frame(browser).content.decode())
    assert page.config == {
        "publicKey": browser.public_key,
        "name": "Meridian Furniture",
        "organizationName": "Meridian Furniture",
        "look": {
            "color": "#0e6656",
            "onColor": "#ffffff",
            "position": "end",
            "launcher": "bubble",
            "theme": "light dark",
        },
        "texts": {},
        "form": {"name": "optional", "email": "optional", "phone": "hidden", "topic": "hidden"},
        "noticeUrl": "",
        "locales": ["en", "ka", "de", "fr", "es", "ar", "he"],
        "defaultLocale": "en",
        "storageDays": 90,
        "retentionDays": 90,
        "allowedOrigins": ["https://shop.meridian.example"],
        "apiUrl": f"{settings.WIDGET_URL}/api/v1/widget/{browser.public_key}/",
        "socketUrl": f"ws://{settings.WIDGET_HOST}/ws/widget",
        "filesUrl": settings.FILES_URL,
        "available": False,
    }
    assert page.inline_code == []


def test_the_frame_asks_for_few_files_of_its_own_host(browser: Browser) -> None:
    page = Page(frame(browser).content.decode())
    asked = [
        attributes.get("src") or attributes["href"]
        for tag, attributes in page.tags
        if tag == "link" or "src" in attributes
    ]
    assert 1 <= len(asked) <= 3
    assert all((address or "").startswith("/static/dist/") for address in asked)


def test_the_frame_may_be_shown_by_the_clients_pages_only(cast: Cast, browser: Browser) -> None:
    put(cast.a, allowed_origins=["https://shop.meridian.example", "http://127.0.0.1:8437"])
    response = frame(browser)
    policy = dict(entry.split(" ", 1) for entry in response["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {settings.FILES_URL}",
        "media-src": f"'self' blob: {settings.FILES_URL}",
        "font-src": "'self'",
        "connect-src": f"'self' ws://{settings.WIDGET_HOST}",
        "frame-ancestors": "'self' https://shop.meridian.example http://127.0.0.1:8437",
        "base-uri": "'none'",
        "form-action": "'none'",
        "object-src": "'none'",
    }
    neighbour = frame(Browser(cast.b.widget.public_key))["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://outsider.example;" in neighbour
    assert "meridian" not in neighbour


def test_the_frames_other_headers(browser: Browser) -> None:
    response = frame(browser, HTTP_ACCEPT_LANGUAGE="ar")
    assert "X-Frame-Options" not in response
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-cache"
    assert "microphone=(self), camera=(self), display-capture=(self)" in response["Permissions-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    assert not response.has_header("Vary")


def test_nothing_written_by_an_organization_breaks_out_of_the_frame(cast: Cast, browser: Browser) -> None:
    put(cast.a, name=HOSTILE[:80], texts={"en": {"intro": HOSTILE}}, notice_url="https://x.example/</script>")
    cast.a.organization.name = HOSTILE
    cast.a.organization.save()
    page = Page(frame(browser).content.decode())
    assert page.config["texts"] == {"en": {"intro": HOSTILE}}
    assert page.config["organizationName"] == HOSTILE
    assert [tag for tag, _ in page.tags].count("script") == 2


@pytest.mark.parametrize("path", ["/frame/pk_nobody", "/frame/%00", "/frame/%3Cscript%3E"])
def test_an_unknown_frame_is_not_found(cast: Cast, path: str) -> None:
    response = Browser("x").get(path)
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/plain")
    assert response["X-Frame-Options"] == "DENY"
    assert b"<" not in response.content


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_documents_are_only_read(browser: Browser, method: str) -> None:
    for path in (f"/w/{browser.public_key}.js", f"/frame/{browser.public_key}"):
        response = getattr(browser.client, method)(path, HTTP_HOST=settings.WIDGET_HOST)
        assert response.status_code == 405


def sightings(side: Side) -> list[WidgetSighting]:
    return side.inside(lambda: list(WidgetSighting.objects.order_by("origin")))


def test_script_and_frame_are_noted_with_the_origin_that_asked(cast: Cast, browser: Browser) -> None:
    loader(browser, HTTP_REFERER="https://shop.meridian.example/sofas?secret=1")
    (seen,) = sightings(cast.a)
    assert (seen.origin, seen.is_allowed) == ("https://shop.meridian.example", True)
    assert seen.script_seen_at
    assert seen.frame_seen_at is None
    frame(browser, **ON_SHOP)
    (seen,) = sightings(cast.a)
    assert seen.frame_seen_at
    assert sightings(cast.b) == []


def test_an_origin_that_is_not_allowed_is_noted_as_such_until_it_is(cast: Cast, browser: Browser) -> None:
    loader(browser, HTTP_REFERER="http://STAGING.meridian.example:80/x")
    (seen,) = sightings(cast.a)
    assert (seen.origin, seen.is_allowed) == ("http://staging.meridian.example", False)
    put(cast.a, allowed_origins=["https://staging.meridian.example"])
    loader(browser, HTTP_REFERER="https://staging.meridian.example/")
    change_widget_to(cast.a, allowed_origins=[])
    assert [seen.is_allowed for seen in sightings(cast.a)] == [False, False]


def change_widget_to(side: Side, **changes: object) -> None:
    side.inside(lambda: change_widget(actor=side.owner, widget_id=side.widget.pk, changes=changes))


def test_a_busy_page_costs_one_write_a_minute(cast: Cast, browser: Browser) -> None:
    loader(browser, **ON_SHOP)
    with CaptureQueriesContext(connection) as queries:
        loader(browser, **ON_SHOP)
    asked = [query["sql"] for query in queries if '"widget_' in query["sql"]]
    assert len(asked) == 1
    assert asked[0].startswith("SELECT")


@pytest.mark.parametrize(
    "referrer", ["", "about:blank", "file:///etc/passwd", "https://[", "javascript:alert(1)", "\x00"]
)
def test_a_browser_that_hides_the_page_is_noted_without_an_origin(cast: Cast, browser: Browser, referrer: str) -> None:
    assert loader(browser, HTTP_REFERER=referrer).status_code == 200
    (seen,) = sightings(cast.a)
    assert (seen.origin, seen.is_allowed) == ("", True)


def test_invented_origins_do_not_fill_the_table(cast: Cast, browser: Browser) -> None:
    old = timezone.now() - timedelta(days=1)
    with tenant(cast.a.organization.pk):
        for number in range(20):
            WidgetSighting.objects.create(
                organization=cast.a.organization,
                widget=cast.a.widget,
                origin=f"https://old{number}.example",
                is_allowed=False,
                script_seen_at=old + timedelta(minutes=number),
            )
    loader(browser, **ON_SHOP)
    for number in range(25):
        loader(browser, HTTP_REFERER=f"https://new{number}.example/")
    origins = {seen.origin for seen in sightings(cast.a)}
    assert len(origins) == 21
    assert "https://shop.meridian.example" in origins
    assert "https://new24.example" in origins
    assert "https://old0.example" not in origins


def test_invented_origins_are_noted_so_fast_and_no_faster(cast: Cast, browser: Browser) -> None:
    for number in range(100):
        use_up(STRANGERS, cast.a.widget.pk)
        loader(browser, HTTP_REFERER=f"https://new{number}.example/")
        if f"https://new{number}.example" not in {seen.origin for seen in sightings(cast.a)}:
            break
    else:
        pytest.fail("Every invented origin was noted.")
    loader(browser, **ON_SHOP)
    assert "https://shop.meridian.example" in {seen.origin for seen in sightings(cast.a)}


@pytest.mark.parametrize(
    ("given", "shown", "text"),
    [
        # The same stand in tests/js/dashboard/widget_preview.test.ts: preview and widget must agree.
        ("#ffffff", "#ffffff", "#000000"),
        ("#000000", "#000000", "#ffffff"),
        ("#0e6656", "#0e6656", "#ffffff"),
        ("#ffd400", "#ffd400", "#000000"),
        ("#e0563f", "#cb4d39", "#ffffff"),
    ],
)
def test_a_colour_gets_a_text_that_can_be_read_on_it(given: str, shown: str, text: str) -> None:
    assert readable_pair(given) == (shown, text)
    assert contrast(shown, text) >= 4.5


def test_every_colour_ends_readable() -> None:
    levels = range(0, 256, 17)
    for color in (f"#{red:02x}{green:02x}{blue:02x}" for red in levels for green in levels for blue in levels):
        background, on_it = readable_pair(color)
        assert contrast(background, on_it) >= 4.5
        if contrast(color, "#ffffff") >= 4.5:
            assert (background, on_it) == (color, "#ffffff")
