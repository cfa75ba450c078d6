"""The page that says how to install a widget, where it was seen, and what is wrong where it was not."""

import re
import time
from html import unescape
from types import SimpleNamespace
from typing import Any  # names of an example

import jwt
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from tests.cast import Cast
from tests.widget.browser import Browser
from tests.widget.pages import address, everything, seen, stored, words
from widget.models import IdentitySecret, Widget, WidgetSighting

HOSTILE = "</textarea></script><img src=x onerror=alert(1)>\"'"


@pytest.fixture
def owner(cast: Cast) -> Client:
    return cast.a.owner_client()


def test_never_asked_for(cast: Cast, owner: Client) -> None:
    assert "Nobody has asked for this widget yet" in words(owner.get(address(cast.a, "install/")))


def test_last_seen_with_script_and_frame(cast: Cast, owner: Client) -> None:
    seen(cast.a, "https://shop.meridian.example", allowed=True, script=2, frame=2)
    page = words(owner.get(address(cast.a, "install/"))).replace("\xa0", " ")
    assert "Last seen 2 minutes ago on https://shop.meridian.example (script and frame)." in page
    assert "Nobody has asked" not in page


def test_script_seen_but_the_chat_never_opened(cast: Cast, owner: Client) -> None:
    seen(cast.a, "https://shop.meridian.example", allowed=True, script=0)
    page = words(owner.get(address(cast.a, "install/")))
    assert "The script was loaded just now. Nobody has opened the chat there yet." in page
    assert "frame-src" in page
    assert "Last seen" not in page


def test_an_origin_that_is_not_allowed_is_allowed_by_one_click(cast: Cast, owner: Client) -> None:
    seen(cast.a, "https://staging.meridian.example", allowed=False, script=3, frame=3)
    page = owner.get(address(cast.a, "install/"))
    assert "is not one of the widget’s sites" in words(page)
    sent = dict(re.findall(r'<input type="hidden" name="(origin)" value="([^"]+)">', page.content.decode()))
    owner.post(address(cast.a, "allow/"), sent)
    assert stored(cast.a).allowed_origins == ["https://shop.meridian.example", "https://staging.meridian.example"]
    page = owner.get(address(cast.a, "install/"))
    assert "Last seen" in words(page)
    assert 'name="origin"' not in page.content.decode()
    frame = Browser(cast.a.widget.public_key).get(f"/frame/{cast.a.widget.public_key}")
    assert "https://staging.meridian.example" in frame["Content-Security-Policy"]


def test_an_origin_that_can_not_be_allowed_says_why(cast: Cast, owner: Client) -> None:
    before = everything(cast.a)
    response = owner.post(address(cast.a, "allow/"), {"origin": "http://staging.meridian.example"}, follow=True)
    assert "is not encrypted" in words(response)
    assert everything(cast.a) == before


def test_a_widget_that_is_switched_off_says_so(cast: Cast, owner: Client) -> None:
    seen(cast.a, "https://shop.meridian.example", allowed=True, script=2, frame=2)
    cast.a.inside(lambda: Widget.objects.update(is_active=False))
    for path in (address(cast.a), address(cast.a, "install/")):
        assert "This widget is switched off" in words(owner.get(path))
    assert "Last seen" not in words(owner.get(address(cast.a, "install/")))


def test_the_install_page_publishes_policy_and_hosts(cast: Cast, owner: Client) -> None:
    page = unescape(owner.get(address(cast.a, "install/")).content.decode())
    assert f"script-src {settings.WIDGET_URL}\nframe-src {settings.WIDGET_URL}" in page
    assert f"{settings.WIDGET_HOST}\n{settings.FILES_HOST}\n{settings.SITE_HOST}" in page


def test_the_pinned_snippet_names_a_script_that_is_there_and_fits(cast: Cast, owner: Client) -> None:
    cast.a.inside(lambda: Widget.objects.update(texts={"en": {"title": HOSTILE[:40]}}))
    page = unescape(owner.get(address(cast.a, "install/")).content.decode())
    found = re.search(r'src="\S+?(/w/(loader-[0-9a-f]{12}\.js))"\s+integrity="(\S+)"', page)
    assert found
    assert f'"{settings.WIDGET_URL}{found[1]}"' in page
    assert Browser("x").get(found[1]).status_code == 200
    assert default_storage.exists(f"loaders/{found[2]}")
    assert '="</textarea>' not in page


def test_a_secret_is_shown_once_and_signs(cast: Cast, owner: Client) -> None:
    response = owner.post(address(cast.a, "secrets/"))
    (text,) = set(re.findall(r"lcs_[\w-]{43}", response.content.decode()))
    assert "no-store" in response["Cache-Control"]
    assert text not in owner.get(address(cast.a, "install/")).content.decode()
    token = jwt.encode({"sub": "1", "iat": int(time.time())}, text, algorithm="HS256")
    assert Browser(cast.a.widget.public_key).open(jwt=token)["end_user"]["is_verified"]


def test_the_python_example_signs_a_token_that_is_taken(cast: Cast, owner: Client) -> None:
    page = unescape(owner.post(address(cast.a, "secrets/")).content.decode())
    example = re.search(r"<code>(# pip install pyjwt.*?)</code>", page, re.DOTALL)
    secret = re.search(r"lcs_[\w-]{43}", page)
    assert example
    assert secret
    names: dict[str, Any] = {"SECRET": secret[0]}
    exec(example[1], names)  # noqa: S102 it is our own text
    token = names["livecaller_token"](SimpleNamespace(id=7, name="Ana Lopez", email="ana@customer.example"))
    me = Browser(cast.a.widget.public_key).open(jwt=token)["end_user"]
    assert (me["name"], me["email"], me["is_verified"]) == ("Ana Lopez", "ana@customer.example", True)


def test_a_secret_is_made_invalid_by_its_button(cast: Cast, owner: Client) -> None:
    owner.post(address(cast.a, "secrets/"))
    page = owner.get(address(cast.a, "install/")).content.decode()
    found = re.search(r'action="([^"]+/retire/)"', page)
    assert found
    owner.post(found[1])
    secret = cast.a.inside(IdentitySecret.objects.get)
    assert secret.retired_at
    assert bytes(secret.sealed) == b""
    names = cast.a.inside(lambda: list(AuditEvent.objects.order_by("position").values_list("name", flat=True)))
    assert names[-2:] == ["widget.secret_rotated", "widget.secret_retired"]


@pytest.mark.parametrize("choice", [True, False])
def test_who_sees_earlier_conversations_is_a_switch(cast: Cast, owner: Client, choice: bool) -> None:  # noqa: FBT001
    cast.a.inside(lambda: Widget.objects.update(requires_identity=not choice))
    owner.post(address(cast.a, "identity/"), {"requires_identity": "on"} if choice else {})
    assert stored(cast.a).requires_identity is choice


def test_the_install_page_costs_the_same_for_one_sighting_and_for_three(cast: Cast, owner: Client) -> None:
    counts = []
    for number in (1, 3):
        for index in range(cast.a.inside(WidgetSighting.objects.count), number):
            seen(cast.a, f"https://s{index}.example", allowed=True, script=1, frame=1)
        with CaptureQueriesContext(connection) as queries:
            page = owner.get(address(cast.a, "install/"))
        assert len(re.findall(r"https://s\d\.example</bdi></p>", page.content.decode())) == number
        counts.append(len([query for query in queries if '"widget_' in query["sql"]]))
    assert counts == [3, 3]
