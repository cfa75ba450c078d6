"""One refusal, one code, one status: what stands in docs/realtime.md is what is answered."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions

from livecaller.core import errors
from livecaller.core.api import as_refusal, render_error
from livecaller.core.errors import LiveCallerError


def refusals() -> Iterator[type[LiveCallerError]]:
    """Yield every kind of refusal."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, LiveCallerError):
            yield kind


def documented() -> dict[str, int]:
    """Return the codes and statuses of docs/realtime.md, section "Error codes"."""
    page = (Path(settings.BASE_DIR) / "docs" / "realtime.md").read_text(encoding="utf-8")
    section = page.split("### Error codes")[1].split("REST answers")[0]
    return {code: int(status) for code, status in re.findall(r"`([a-z_]+)` (\d{3})", section)}


def test_the_codes_are_those_of_the_page() -> None:
    assert len(documented()) >= 12
    assert {kind.code: kind.status for kind in refusals()} == documented()


def test_each_code_has_one_class() -> None:
    codes = [kind.code for kind in refusals()]

    assert len(codes) == len(set(codes))


def test_every_refusal_says_what_to_do_in_a_sentence() -> None:
    for kind in refusals():
        assert re.fullmatch(r"[A-Z].{10,}[.!]", str(kind.default)), kind


def test_the_wire_form_leaves_out_what_there_is_not() -> None:
    assert errors.ConflictError("Taken.").payload() == {"code": "conflict", "message": "Taken."}
    assert errors.RateLimitedError(retry_after=0).payload()["retry_after"] == 0
    assert errors.InvalidError(fields={"name": ("Too long.",)}).payload()["fields"] == {"name": ["Too long."]}


@pytest.mark.parametrize(
    ("raised", "code", "status"),
    [
        (errors.GoneError(), "gone", 410),
        (Http404(), "not_found", 404),
        (exceptions.NotFound(), "not_found", 404),
        (exceptions.NotAuthenticated(), "unauthenticated", 401),
        (exceptions.AuthenticationFailed(), "unauthenticated", 401),
        (exceptions.PermissionDenied(), "forbidden", 403),
        (exceptions.Throttled(wait=3), "rate_limited", 429),
        (exceptions.ValidationError({"name": ["Too long."]}), "invalid", 400),
        (exceptions.UnsupportedMediaType("text/html"), "unsupported_type", 415),
        (exceptions.MethodNotAllowed("PUT"), "invalid", 405),
        (RequestDataTooBig(), "too_large", 413),
        (OperationalError("server closed the connection: host=db.internal"), "unavailable", 503),
        (InterfaceError("connection already closed"), "unavailable", 503),
    ],
)
def test_what_others_raise_becomes_one_of_ours(raised: Exception, code: str, status: int) -> None:
    response = render_error(raised, {})

    assert response is not None
    assert (response.status_code, response.data["error"]["code"]) == (status, code)
    assert "db.internal" not in str(response.data)


def test_a_bug_is_no_refusal() -> None:
    assert as_refusal(KeyError("secret")) is None
    assert render_error(KeyError("secret"), {}) is None


def test_when_to_come_back_is_a_header_too() -> None:
    response = render_error(errors.UnavailableError(retry_after=7), {})

    assert response is not None
    assert response["Retry-After"] == "7"
