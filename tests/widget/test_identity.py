"""The Client's server says who its customer is, and nobody else can."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connections
from django.utils import timezone

from tests.cast import Cast
from tests.ears import Heard
from tests.widget.browser import VIEWED, Browser, bearer
from tests.widget.signing import claims, secret_of, signed
from tests.widget.test_session import everything
from widget.models import EndUser, IdentitySecret, VisitorToken, Widget
from widget.services import retire_identity_secret

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_hand(header: object, payload: object, key: bytes) -> str:
    """Return a token with any header and payload, with a good HMAC of `key`."""

    def part(content: object) -> bytes:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    body = part(header) + b"." + part(payload)
    digest = base64.urlsafe_b64encode(hmac.new(key, body, hashlib.sha256).digest()).rstrip(b"=")
    return (body + b"." + digest).decode()


def swapped(token: str, **more: object) -> str:
    """Return the token with other claims under its old signature."""
    head, _, tail = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(**more)).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{tail}"


@pytest.fixture
def browser(cast: Cast) -> Browser:
    return Browser(cast.a.widget.public_key)


@pytest.fixture
def secret(cast: Cast) -> str:
    return secret_of(cast.a)[1]


def test_a_signed_customer_is_known_by_name(cast: Cast, browser: Browser, secret: str) -> None:
    browser.open()
    token = signed(secret, mobile="+34 600", attributes={"plan": "gold", "orders": 3, "vip": True})
    response = browser.send("POST", "identify", {"jwt": token})
    assert response.status_code == 200
    me = response.json()["end_user"]
    assert (me["name"], me["email"], me["is_verified"]) == ("Ana María Lopez", "ana@customer.example", True)
    person = cast.a.inside(lambda: EndUser.objects.get(external_id="4711"))
    assert (person.first_name, person.last_name, person.phone) == ("Ana", "María Lopez", "+34 600")
    assert person.attributes == {"plan": "gold", "orders": "3", "vip": "true"}


def test_a_session_can_begin_with_a_signed_customer(browser: Browser, secret: str) -> None:
    assert browser.open(jwt=signed(secret))["end_user"]["is_verified"]


REFUSED: dict[str, tuple[Callable[[str], str], str]] = {
    "no signature": (lambda _: jwt.encode(claims(), "", algorithm="none"), "HS256"),
    "none by hand": (lambda _: by_hand({"alg": "none"}, claims(), b"")[: -len("x" * 43)], "HS256"),
    "None in capitals": (lambda key: by_hand({"alg": "None"}, claims(), key.encode()), "HS256"),
    "HS512": (lambda key: by_hand({"alg": "HS512"}, claims(), key.encode()), "HS256"),
    "hs256": (lambda key: by_hand({"alg": "hs256"}, claims(), key.encode()), "HS256"),
    "list of algorithms": (lambda key: by_hand({"alg": ["HS256"]}, claims(), key.encode()), "HS256"),
    "no algorithm": (lambda key: by_hand({"typ": "JWT"}, claims(), key.encode()), "HS256"),
    "crit": (lambda key: by_hand({"alg": "HS256", "crit": ["b64"], "b64": False}, claims(), key.encode()), "JWT"),
    "RS256": (lambda _: jwt.encode(claims(), RSA_KEY, algorithm="RS256"), "HS256"),
    "RSA key as secret": (lambda _: by_hand({"alg": "HS256"}, claims(), PUBLIC_PEM), "signature"),
    "other key": (lambda _: signed("x" * 43), "signature"),
    "empty key": (lambda _: by_hand({"alg": "HS256"}, claims(), b""), "signature"),
    "public key of widget": (lambda _: by_hand({"alg": "HS256"}, claims(), b"pk_"), "signature"),
    "payload exchanged": (lambda key: swapped(signed(key), sub="1"), "signature"),
    "unknown kid": (lambda key: signed(key, {"kid": str(uuid4())}), "kid"),
    "path as kid": (lambda key: signed(key, {"kid": "../../etc/passwd"}), "kid"),
    "number as kid": (lambda key: by_hand({"alg": "HS256", "kid": 1}, claims(), key.encode()), "JWT"),
    "16 minutes old": (lambda key: signed(key, iat=int(time.time()) - 16 * 60), "older"),
    "two minutes early": (lambda key: signed(key, iat=int(time.time()) + 120), "future"),
    "no iat": (lambda key: signed(key, iat=None), "iat"),
    "text as iat": (lambda key: by_hand({"alg": "HS256"}, claims(iat="now"), key.encode()), "iat"),
    "yes as iat": (lambda key: by_hand({"alg": "HS256"}, claims(iat=True), key.encode()), "iat"),
    "endless iat": (lambda key: by_hand({"alg": "HS256"}, claims(iat=10**400), key.encode()), "iat"),
    "nan as iat": (lambda key: by_hand({"alg": "HS256"}, claims(iat=float("nan")), key.encode()), "iat"),
    "expired": (lambda key: signed(key, exp=int(time.time()) - 1), "expired"),
    "not yet": (lambda key: signed(key, nbf=int(time.time()) + 300), "nbf"),
    "other audience": (lambda key: signed(key, aud="pk_other"), "aud"),
    "no audience": (lambda key: signed(key, aud=[]), "aud"),
    "no sub": (lambda key: signed(key, sub=None), "sub"),
    "number as sub": (lambda key: by_hand({"alg": "HS256"}, claims(sub=4711), key.encode()), "sub"),
    "empty sub": (lambda key: signed(key, sub=""), "sub"),
    "long sub": (lambda key: signed(key, sub="x" * 129), "sub"),
    "NUL in sub": (lambda key: signed(key, sub="4711\x00"), "sub"),
    "surrogate in sub": (lambda key: by_hand({"alg": "HS256"}, claims(sub="\ud800"), key.encode()), "sub"),
    "padded sub": (lambda key: signed(key, sub=" 4711"), "sub"),
    "no address": (lambda key: signed(key, email="nobody"), "email"),
    "object as name": (lambda key: signed(key, name={"first": "Ana"}), "name"),
    "list as attributes": (lambda key: signed(key, attributes=["a"]), "attributes"),
    "nested attributes": (lambda key: signed(key, attributes={"a": {"b": 1}}), "attributes"),
    "many attributes": (lambda key: signed(key, attributes={str(n): n for n in range(21)}), "attributes"),
    "number as jti": (lambda key: by_hand({"alg": "HS256"}, claims(jti=7), key.encode()), "jti"),
    "garbage": (lambda _: "a.b.c", "JWT"),
    "two parts": (lambda key: ".".join(signed(key).split(".")[:2]), "JWT"),
    "deep header": (lambda key: by_hand(b"[" * 4000, claims(), key.encode()), "JWT"),
    "deep payload": (lambda key: by_hand({"alg": "HS256"}, b"[" * 4000, key.encode()), "JWT"),
    "payload is a list": (lambda key: by_hand({"alg": "HS256"}, [], key.encode()), "JWT"),
    "header is a list": (lambda key: by_hand([], claims(), key.encode()), "JWT"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_token_that_is_not_right_is_refused_with_its_reason(
    cast: Cast, browser: Browser, secret: str, case: str
) -> None:
    forge, reason = REFUSED[case]
    browser.open()
    before = everything(cast.a)
    for path in ("identify", "session"):
        response = browser.send("POST", path, {"jwt": forge(secret)})
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (400, "invalid")
        assert reason in error["message"], error
        assert error["fields"]["jwt"] == [error["message"]]
    assert everything(cast.a) == before
    assert browser.send("POST", "identify", {"jwt": signed(secret)}).status_code == 200


def test_without_a_secret_every_token_is_refused(cast: Cast, browser: Browser) -> None:
    response = browser.send("POST", "session", {"jwt": signed("x" * 43)})
    assert "no identity secret" in response.json()["error"]["message"]


def test_a_neighbours_secret_signs_nothing_here(cast: Cast, browser: Browser, secret: str) -> None:
    kid, theirs = secret_of(cast.b)
    before = everything(cast.a), everything(cast.b)
    for header in (None, {"kid": str(kid)}):
        assert browser.send("POST", "session", {"jwt": signed(theirs, header)}).status_code == 400
    assert (everything(cast.a), everything(cast.b)) == before
    assert Browser(cast.b.widget.public_key).open(jwt=signed(theirs))["end_user"]["is_verified"]


def test_another_widget_of_the_same_organization_has_its_own_secrets(cast: Cast, secret: str) -> None:
    other = cast.a.inside(
        lambda: Widget.objects.create(organization=cast.a.organization, name="Second", public_key="pk_second")
    )
    response = Browser(other.public_key).send("POST", "session", {"jwt": signed(secret)})
    assert response.status_code == 400


def test_a_rotation_keeps_the_secret_before_and_retires_the_one_before_that(cast: Cast, browser: Browser) -> None:
    (first_kid, first), (second_kid, second) = secret_of(cast.a), secret_of(cast.a)
    assert browser.send("POST", "session", {"jwt": signed(first)}).status_code == 200
    assert browser.send("POST", "session", {"jwt": signed(first, {"kid": str(first_kid)})}).status_code == 200
    assert browser.send("POST", "session", {"jwt": signed(first, {"kid": str(second_kid)})}).status_code == 400
    _, third = secret_of(cast.a)
    assert browser.send("POST", "session", {"jwt": signed(first)}).status_code == 400
    assert browser.send("POST", "session", {"jwt": signed(second)}).status_code == 200
    cast.a.inside(lambda: retire_identity_secret(actor=cast.a.owner, widget_id=cast.a.widget.pk, secret_id=second_kid))
    assert browser.send("POST", "session", {"jwt": signed(second)}).status_code == 400
    assert browser.send("POST", "session", {"jwt": signed(third)}).status_code == 200


def test_secrets_are_not_readable_in_the_database(cast: Cast, secret: str) -> None:
    (row,) = cast.a.inside(lambda: list(IdentitySecret.objects.all()))
    assert secret.encode() not in bytes(row.sealed)
    assert secret.removeprefix("lcs_").encode() not in bytes(row.sealed)


def test_a_sealed_secret_copied_to_another_row_opens_nothing(cast: Cast, browser: Browser) -> None:
    secret_of(cast.a)
    _, theirs = secret_of(cast.b)
    (sealed,) = cast.b.inside(lambda: list(IdentitySecret.objects.values_list("sealed", flat=True)))
    cast.a.inside(lambda: IdentitySecret.objects.update(sealed=sealed))
    browser.client.raise_request_exception = False
    assert browser.send("POST", "session", {"jwt": signed(theirs)}).status_code == 500
    assert cast.a.inside(lambda: EndUser.objects.filter(is_verified=True).count()) == 0


def test_a_token_with_jti_works_once(cast: Cast, browser: Browser, secret: str) -> None:
    token = signed(secret, jti="once")
    assert browser.send("POST", "session", {"jwt": token}).status_code == 200
    before = everything(cast.a)
    again = Browser(browser.public_key).send("POST", "session", {"jwt": token})
    assert (again.status_code, "jti" in again.json()["error"]["message"]) == (400, True)
    assert everything(cast.a) == before
    assert browser.send("POST", "session", {"jwt": signed(secret, jti="twice")}).status_code == 200


def test_the_named_audience_may_be_one_of_several(browser: Browser, secret: str) -> None:
    token = signed(secret, aud=["https://api.example", browser.public_key])
    assert browser.send("POST", "session", {"jwt": token}).status_code == 200


def test_a_clock_a_little_ahead_is_forgiven(browser: Browser, secret: str) -> None:
    assert browser.send("POST", "session", {"jwt": signed(secret, iat=int(time.time()) + 30)}).status_code == 200


def test_what_an_attacker_wrote_into_the_browser_before_does_not_become_the_customer(
    cast: Cast, browser: Browser, secret: str
) -> None:
    planted = browser.open()["token"]
    identified = browser.send("POST", "identify", {"jwt": signed(secret)}).json()
    assert identified["token"] != planted
    assert browser.token == identified["token"]
    assert browser.send("POST", "pages", VIEWED, **bearer(planted)).status_code == 401
    assert browser.send("POST", "pages", VIEWED, **bearer(identified["token"])).status_code == 204


def test_the_same_customer_again_keeps_the_token(cast: Cast, browser: Browser, secret: str) -> None:
    first = browser.open(jwt=signed(secret))
    again = browser.open(jwt=signed(secret, name="Ana Renamed"))
    assert again["token"] == first["token"]
    assert again["end_user"]["name"] == "Ana Renamed"
    assert browser.send("POST", "identify", {"jwt": signed(secret)}).json()["token"] == first["token"]


def test_a_customer_is_one_person_on_all_devices(cast: Cast, secret: str) -> None:
    desk, phone = Browser(cast.a.widget.public_key), Browser(cast.a.widget.public_key)
    one, two = desk.open(jwt=signed(secret)), phone.open(jwt=signed(secret))
    assert one["end_user"]["id"] == two["end_user"]["id"]
    assert one["token"] != two["token"]
    desk.send("DELETE", "session")
    assert phone.send("POST", "pages", VIEWED).status_code == 204


def test_where_identity_is_required_a_browser_alone_recalls_nobody(cast: Cast, browser: Browser, secret: str) -> None:
    cast.a.inside(lambda: Widget.objects.update(requires_identity=True))
    stranger = browser.open()
    assert browser.open()["end_user"]["id"] != stranger["end_user"]["id"]
    customer = browser.open(jwt=signed(secret))
    assert customer["end_user"]["is_verified"]
    alone = browser.open()
    assert alone["end_user"]["id"] != customer["end_user"]["id"]
    assert not alone["end_user"]["is_verified"]
    assert browser.open(jwt=signed(secret))["end_user"]["id"] == customer["end_user"]["id"]


def test_a_restricted_customer_is_not_processed(cast: Cast, browser: Browser, secret: str) -> None:
    browser.open(jwt=signed(secret))
    cast.a.inside(lambda: EndUser.objects.filter(external_id="4711").update(restricted_at=timezone.now()))
    before = everything(cast.a)
    assert browser.send("POST", "session", {"jwt": signed(secret)}).status_code == 403
    assert everything(cast.a) == before


def test_a_customer_past_retention_is_a_new_person(cast: Cast, browser: Browser, secret: str) -> None:
    old = browser.open(jwt=signed(secret))["end_user"]["id"]
    cast.a.inside(lambda: EndUser.objects.filter(pk=old).update(expires_at=timezone.now() - timedelta(seconds=1)))
    new = browser.open(jwt=signed(secret))["end_user"]
    assert new["id"] != old
    assert new["is_verified"]


def test_the_address_that_the_client_vouches_for_cannot_be_changed_by_the_person(
    cast: Cast, browser: Browser, secret: str
) -> None:
    browser.open(jwt=signed(secret))
    before = everything(cast.a)
    response = browser.send("PATCH", "end-user", {"email": "victim@example.com", "phone": "1"})
    assert response.status_code == 403
    assert everything(cast.a) == before
    assert browser.send("PATCH", "end-user", {"email": "ANA@customer.example", "phone": "1"}).status_code == 200


def test_operators_hear_the_new_name_and_who_it_replaces(committed_cast: Cast, heard: Heard) -> None:
    side = committed_cast.a
    _, secret = secret_of(side)
    known = Browser(side.widget.public_key).open(jwt=signed(secret))["end_user"]["id"]
    browser = Browser(side.widget.public_key)
    stranger = browser.open()
    row = side.inside(lambda: VisitorToken.objects.get(end_user_id=stranger["end_user"]["id"]))
    said = heard.on(
        f"organization.{side.organization.pk}.end_users",
        f"organization.{committed_cast.b.organization.pk}.end_users",
        f"end_user_token.{row.pk}",
    )
    answer = browser.send("POST", "identify", {"jwt": signed(secret)}).json()
    closed, updated = said()
    assert closed == {"topic": f"end_user_token.{row.pk}", "code": 1012}
    assert json.loads(updated["text"]) == {
        "type": "end_user.updated",
        "data": {"end_user": answer["end_user"], "replaces": stranger["end_user"]["id"]},
    }
    assert answer["end_user"]["id"] == known


def test_two_browsers_of_a_new_customer_at_once_make_one_person(committed_cast: Cast) -> None:
    side = committed_cast.a
    _, secret = secret_of(side)
    barrier, answers = threading.Barrier(6), []

    def arrive() -> None:
        browser = Browser(side.widget.public_key)
        barrier.wait()
        answers.append(browser.open(jwt=signed(secret))["end_user"]["id"])
        connections.close_all()

    threads = [threading.Thread(target=arrive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert side.inside(lambda: EndUser.objects.filter(external_id="4711").count()) == 1
