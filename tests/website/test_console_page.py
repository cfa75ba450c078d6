"""The page that holds the console: who gets it, and what it tells the console."""

import json
import re

from django.conf import settings

from tests.accounts.conftest import browser
from tests.cast import Cast
from tests.website.page import Page


def test_a_member_gets_the_console_and_what_it_needs(cast: Cast) -> None:
    client = cast.a.operator_client()
    answer = client.get("/inbox/")
    page = answer.content.decode()
    found = re.search(r'<script id="console-config" type="application/json">(.*?)</script>', page)
    assert found
    assert json.loads(found[1]) == {
        "socketUrl": "ws://localhost:8437/ws/inbox",
        "apiUrl": "/api/v1/",
        "csrfCookie": "__Host-lc-csrf",
        "locale": "en",
        "member": {"id": str(cast.a.operator.membership_id), "name": "Otto", "role": "operator", "status": "online"},
        "organization": {"id": str(cast.a.organization.pk), "name": "Meridian Furniture"},
        "links": {
            "team": "/team/",
            "widgets": "/widgets/",
            "settings": "/profile/",
            "signOut": "/accounts/logout/",
            "preferences": "/preferences/",
        },
    }
    assert client.cookies[settings.CSRF_COOKIE_NAME]["secure"]
    assert "no-store" in answer["Cache-Control"]
    assert Page(page).inline == []


def test_names_cannot_leave_the_data_block(cast: Cast) -> None:
    cast.a.organization.name = "</script><script>alert(1)</script>"
    cast.a.organization.save()
    page = cast.a.owner_client().get("/inbox/").content.decode()
    assert "<script>alert" not in page
    assert "\\u003C/script\\u003E" in page


def test_a_stranger_is_asked_to_log_in(db: None) -> None:
    answer = browser().get("/inbox/")
    assert answer["Location"] == "/accounts/login/?next=%2Finbox%2F"


def test_the_neighbour_sees_their_own(cast: Cast) -> None:
    page = cast.b.owner_client().get("/inbox/").content.decode()
    assert "Outsider Goods" in page
    assert "Meridian" not in page
