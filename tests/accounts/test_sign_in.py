"""Signing in and out: who may, how often one may try, how long a session lives."""

import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.test import Client

from accounts.events import session_topic
from accounts.models import User
from accounts.session import IDLE_SECONDS, SEEN_AT, SIGNED_IN_AT
from tests.accounts.conftest import browser
from tests.cast import PASSWORD, Cast, make_user, signed_in
from tests.ears import Heard, codes_of

ADDRESS = "nino@shop.example"


@pytest.fixture
def nino(committed_cast: Cast) -> User:
    """A person with a password and a proven address, in no organization."""
    user = make_user("Nino Kapanadze", ADDRESS)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def evaluated() -> Iterator[list[str]]:
    """The addresses whose password was really compared and found wrong."""
    addresses: list[str] = []

    def note(credentials: dict[str, str], **_: object) -> None:
        addresses.append(credentials["email"])

    user_login_failed.connect(note)
    yield addresses
    user_login_failed.disconnect(note)


def sign_in(client: Client, *, login: str = ADDRESS, password: str = PASSWORD, **fields: str) -> tuple[int, str]:
    """Send the form and return status and where it leads."""
    answer = client.post("/accounts/login/", {"login": login, "password": password, **fields})
    return answer.status_code, answer.get("Location", "")


def test_a_person_signs_in_with_any_case_of_the_address(nino: User) -> None:
    assert sign_in(browser(), login="NINO@Shop.example") == (302, "/inbox/")


def test_a_password_is_kept_as_argon2id_of_its_own_salt(nino: User) -> None:
    assert nino.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
    nino.set_password(PASSWORD)
    assert nino.password != User.objects.get(pk=nino.pk).password


def test_a_session_gets_a_new_id_when_somebody_signs_in(nino: User) -> None:
    client = browser()
    sign_in(client, password="wrong password!")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = str(session.session_key)
    sign_in(client)
    assert client.session.session_key != planted
    assert (
        browser()
        .get("/inbox/", HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={planted}")["Location"]
        .startswith("/accounts/login/")
    )


def test_the_cookies_are_for_this_host_and_no_script(nino: User) -> None:
    client = browser()
    sign_in(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.key == "__Host-lc-session"
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert cookie["domain"] == ""


def test_a_wrong_password_and_an_unknown_address_look_alike(nino: User) -> None:
    client = browser()
    client.get("/accounts/login/")
    answers = [
        client.post("/accounts/login/", {"login": login, "password": "wrong password!"})
        for login in (ADDRESS, "nino@nowhere.example")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    bodies = [answer.content.decode().replace(ADDRESS, "…").replace("nino@nowhere.example", "…") for answer in answers]
    first, second = (_without_token(body) for body in bodies)
    assert first == second
    assert "do not belong together" in first


def test_an_unproven_address_does_not_open_the_door(committed_cast: Cast) -> None:
    user = User.objects.create_user(ADDRESS, PASSWORD, full_name="Nino")
    client = browser()
    assert sign_in(client) == (302, "/accounts/confirm-email/")
    assert client.get("/team/")["Location"].startswith("/accounts/login/")
    user.refresh_from_db()
    assert user.last_login is None


def test_a_person_switched_off_stays_outside(nino: User) -> None:
    User.objects.filter(pk=nino.pk).update(is_active=False)
    assert sign_in(browser()) == (302, "/accounts/inactive/")
    client = signed_in(nino)
    assert client.get("/team/")["Location"].startswith("/accounts/login/")


def test_a_hundred_tries_are_evaluated_ten_times_at_most(nino: User, evaluated: list[str]) -> None:
    client = browser()
    for number in range(100):
        sign_in(client, password=f"wrong password {number}")
    assert 1 <= len(evaluated) <= 10
    assert (
        "Too many tries"
        in browser().post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD}).content.decode()
    )


def test_a_network_trying_many_accounts_is_evaluated_ten_times_at_most(nino: User, evaluated: list[str]) -> None:
    client = browser()
    for number in range(100):
        sign_in(client, login=f"n{number}@shop.example")
    assert 1 <= len(evaluated) <= 10


def test_strangers_do_not_lock_the_person_out(nino: User, evaluated: list[str]) -> None:
    stranger = browser("198.51.100.66")
    for number in range(30):
        sign_in(stranger, password=f"wrong password {number}")
    assert 1 <= len(evaluated) <= 10
    assert sign_in(browser("203.0.113.5")) == (302, "/inbox/")


def test_many_networks_are_limited_together_and_a_known_one_passes(nino: User, evaluated: list[str]) -> None:
    assert sign_in(browser("203.0.113.5")) == (302, "/inbox/")
    strangers = browser()
    for number in range(40):
        strangers.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
        sign_in(strangers, password="wrong password!")
    assert 10 < len(evaluated) <= 30
    assert sign_in(browser("192.0.2.1"))[0] == 200
    assert sign_in(browser("203.0.113.5")) == (302, "/inbox/")


def test_what_valkey_keeps_about_tries_names_nobody(nino: User) -> None:
    sign_in(browser("198.51.100.77"), password="wrong password!")
    sign_in(browser("203.0.113.5"))
    keys = [key.decode() for key in cache._cache.get_client().keys("*")]  # type: ignore[attr-defined]
    assert any("login_failed" in key for key in keys)
    assert any("sign_in_known" in key for key in keys)
    assert not [key for key in keys if "nino" in key or "shop.example" in key]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http://widget.localhost:8437/",
        "http://127.0.0.1:8437/",
        "javascript:alert(1)",
        "inbox",
        "\x00/inbox/",
    ],
)
def test_signing_in_leads_nowhere_else(nino: User, target: str) -> None:
    assert sign_in(browser(), next=target) == (302, "/inbox/")
    assert sign_in(browser(), next="/team/") == (302, "/team/")


def test_what_the_form_does_not_ask_for_is_refused_unread(nino: User, evaluated: list[str]) -> None:
    status, target = sign_in(browser(), password=PASSWORD, remember="on")
    assert (status, target) == (200, "")
    assert evaluated == []


def test_a_form_without_its_token_is_refused(nino: User) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST=settings.SITE_HOST)
    answer = client.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
    assert answer.status_code == 403
    assert b"This form is too old" in answer.content
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_signing_out_ends_the_session_and_its_sockets(committed_cast: Cast, heard: Heard) -> None:
    client, other = signed_in(committed_cast.a.owner_user), signed_in(committed_cast.a.owner_user)
    here, there = (session_topic(str(each.session.session_key)) for each in (client, other))
    listen = heard.on(here, there)
    assert here != there
    assert client.get("/accounts/logout/").status_code == 200
    assert listen() == []
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert codes_of(listen()) == [4401]
    assert client.get("/team/")["Location"].startswith("/accounts/login/")
    assert other.get("/team/").status_code == 200


@pytest.mark.parametrize(("clock", "limit"), [(SEEN_AT, IDLE_SECONDS), (SIGNED_IN_AT, settings.SESSION_COOKIE_AGE)])
def test_a_session_ends_by_itself(committed_cast: Cast, heard: Heard, clock: str, limit: int) -> None:
    client = signed_in(committed_cast.a.owner_user)
    assert client.get("/team/").status_code == 200
    for late, status in ((-60, 200), (60, 302)):
        session = client.session
        session[clock] = int(time.time()) - limit - late
        session.save()
        listen = heard.on(session_topic(str(session.session_key)))
        assert client.get("/team/").status_code == status
        assert codes_of(listen()) == ([] if status == 200 else [4401])


def test_a_busy_session_is_noted_as_seen(committed_cast: Cast) -> None:
    client = signed_in(committed_cast.a.owner_user)
    client.get("/team/")
    session = client.session
    session[SEEN_AT] = earlier = int(time.time()) - 3600
    session.save()
    client.get("/api/v1/me")
    assert client.session[SEEN_AT] > earlier


def _without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)
