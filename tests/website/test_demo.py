"""The demonstration: made once, found again, never where people work; and the shop that shows its widget."""

import io
import json

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import Membership, Organization, User
from livecaller.core.tenancy.context import tenant
from livecaller.website import demo
from tests.accounts.conftest import browser
from tests.website.page import Page
from widget.models import Widget

SHOP = ("/", "/sofas/lomond/", "/delivery/", "/privacy/")


def create(*arguments: str) -> str:
    """Run the command as `make up` does and return what it says."""
    words = io.StringIO()
    call_command("create_demo", *arguments, stdout=words)
    return words.getvalue()


def test_it_is_made_once_and_found_again(db: None) -> None:
    first, second = (json.loads(create("--json")) for _ in range(2))
    assert first == second
    organization = Organization.objects.get(name=first["organization"])
    assert organization.is_demo
    assert User.objects.count() == 2
    with tenant(organization.pk):
        assert dict(Membership.objects.values_list("user__email", "role")) == {
            first["email"]: "owner",
            first["colleague"]: "operator",
        }
        [widget] = Widget.objects.all()
        assert (widget.public_key, widget.allowed_origins) == (first["public_key"], [product.SHOP_URL])


@pytest.mark.parametrize("who", ["email", "colleague"])
def test_what_it_prints_signs_in(db: None, who: str) -> None:
    said = json.loads(create("--json"))
    assert len(said["password"]) >= 12
    client = browser()
    answer = client.post("/accounts/login/", {"login": said[who], "password": said["password"]})
    assert answer["Location"] == "/inbox/"
    assert client.get("/api/v1/me").json()["organization"]["name"] == "Meridian Furniture"
    assert said["email"] in create()


def test_it_refuses_where_people_work(db: None, settings: Settings) -> None:
    settings.IS_LOCAL = False
    with pytest.raises(CommandError, match="own machine only"):
        call_command("create_demo")
    assert (Organization.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.parametrize("path", SHOP)
def test_a_shop_page_is_strict_and_shows_the_widget(db: None, path: str) -> None:
    answer = Client(HTTP_HOST=product.SHOP_HOST).get(path)
    page = Page(answer.content.decode())
    assert answer.status_code == 200
    assert answer.cookies == {}
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == f"'self' {product.WIDGET_URL}"
    assert policy["frame-src"] == product.WIDGET_URL
    assert policy["style-src"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert page.inline == []
    assert page.skipped_headings() == []
    assert f'<script src="{product.WIDGET_URL}/w/{demo.PUBLIC_KEY}.js" async></script>' in page.html
    assert demo.ORGANIZATION in page.html


def test_the_widget_links_the_shops_notice(db: None) -> None:
    made = json.loads(create("--json"))
    organization = Organization.objects.get(is_demo=True)
    Organization.objects.filter(pk=organization.pk).update(retention_days=41)
    with tenant(organization.pk):
        address = Widget.objects.get(public_key=made["public_key"]).notice_url
    shop = Client(HTTP_HOST=product.SHOP_HOST)
    assert address == f"{product.SHOP_URL}/privacy/"
    assert "41 days after the last message" in shop.get(address.removeprefix(product.SHOP_URL)).content.decode()
    assert "/privacy/" in Page(shop.get("/").content.decode()).addresses
    frame = Client(HTTP_HOST=product.WIDGET_HOST).get(f"/frame/{made['public_key']}").content.decode()
    assert f'"noticeUrl":"{address}"' in frame.replace('": "', '":"')


def test_the_shop_sells_nothing_else(db: None) -> None:
    assert Client(HTTP_HOST=product.SHOP_HOST).get("/sofas/moon/").status_code == 404
    assert browser().get("/sofas/lomond/").status_code == 404
