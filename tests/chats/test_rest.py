"""Every address of both REST APIs: what it answers is what the OpenAPI document says."""

import io
from collections.abc import Callable
from copy import deepcopy
from typing import Any  # the document and the answers are JSON
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from chats.api.schema import document
from chats.attachments import EXTENSIONS
from tests.cast import Cast, Side
from tests.chats import story

JSON = "application/json"


@pytest.fixture(scope="module")
def strict() -> dict[str, Any]:
    """The document, with shapes that allow no field beside those it names."""
    whole = deepcopy(document())
    for shape in whole["components"]["schemas"].values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    return whole


class Api:
    """Asks an address and holds the answer against the document."""

    def __init__(self, whole: dict[str, Any], client: Client, base: str, prefix: str) -> None:
        self.whole, self.client, self.base, self.prefix = whole, client, base, prefix
        self.asked: set[tuple[str, str]] = set()

    def ask(self, method: str, path: str, data: Any = None, *, status: int = 200, form: bool = False) -> Any:
        """Send a request that must be answered with `status` and return the checked content."""
        address = f"{self.base}/{path}"
        if form or method == "get":
            response: Any = getattr(self.client, method)(address, data)
        else:
            response = getattr(self.client, method)(address, data if data is not None else {}, content_type=JSON)
        assert response.status_code == status, response.content
        template = self._template(path.partition("?")[0])
        self.asked.add((method, template))
        self._check(template, method, response)
        return response.json() if response.headers.get("Content-Type") == JSON else response.content

    def _template(self, path: str) -> str:
        parts = path.split("/")
        for template in self.whole["paths"]:
            if not template.startswith(f"{self.prefix}/"):
                continue
            wanted = template.removeprefix(f"{self.prefix}/").split("/")
            if len(wanted) == len(parts) and all(
                want == part or (want.startswith("{") and _is_id(part))
                for want, part in zip(wanted, parts, strict=True)
            ):
                return str(template)
        raise AssertionError(f"{path} is not in the document.")

    def _check(self, template: str, method: str, response: Any) -> None:
        answers = self.whole["paths"][template][method]["responses"]
        described = answers.get(str(response.status_code), answers["default"])
        content = described.get("content")
        if not content:
            assert response.content == b""
            return
        kind = response["Content-Type"].split(";")[0]
        assert kind in content, (template, kind)
        if kind == JSON:
            schema = {**content[kind]["schema"], "components": self.whole["components"]}
            Draft202012Validator(schema, format_checker=FormatChecker()).validate(response.json())


def _is_id(part: str) -> bool:
    try:
        return bool(UUID(part))
    except ValueError:
        return False


def operator_api(strict: dict[str, Any], side: Side) -> Api:
    return Api(strict, side.operator_client(), "/api/v1", "/api/v1")


def end_user_api(strict: dict[str, Any], side: Side) -> Api:
    base = f"/api/v1/widget/{side.widget.public_key}"
    return Api(strict, side.end_user_client(), base, "/api/v1/widget/{public_key}")


def file(name: str = "a.txt", content: bytes = b"text") -> io.BytesIO:
    upload = io.BytesIO(content)
    upload.name = name
    return upload


def operations(whole: dict[str, Any], choose: Callable[[str], bool]) -> set[tuple[str, str]]:
    return {
        (method, path)
        for path, methods in whole["paths"].items()
        for method in methods
        if method not in {"servers", "parameters"} and choose(path)
    }


def test_the_document_is_valid_and_says_who_asks_where(strict: dict[str, Any]) -> None:
    validate_schema(document())  # type: ignore[no-untyped-call]

    assert document()["openapi"] == "3.1.0"
    for path, methods in strict["paths"].items():
        is_widgets = path.startswith("/api/v1/widget/")
        assert bool(methods.get("servers")) is is_widgets, path
        for method, operation in methods.items():
            if method != "servers":
                assert operation["security"] == ([{"visitor": []}] if is_widgets else [{"cookieAuth": []}]), path
                assert operation["description"], path


def test_every_operators_address_answers_as_documented(cast: Cast, strict: dict[str, Any]) -> None:
    pk = story.started(cast.a)
    api = operator_api(strict, cast.a)
    here = f"conversations/{pk}"

    assert len(api.ask("post", "socket-tickets", status=201)["ticket"]) > 40
    assert api.ask("get", "me")["member"]["id"] == str(cast.a.operator.membership_id)
    assert len(api.ask("get", "members")) == 2
    assert api.ask("get", "presence")["member"]["status"] == "offline"
    assert api.ask("put", "presence", {"status": "busy"})["member"]["status"] == "offline"
    assert [row["id"] for row in api.ask("get", "conversations?section=all")["results"]] == [str(pk)]
    assert api.ask("get", "conversations/counts") == {"you": 0, "open": 1, "spam": 0, "unread": 1}
    assert api.ask("get", here)["last_message"]["body"] == "Hello"
    upload = api.ask("post", "attachments", {"file": file(), "conversation": str(pk)}, status=201, form=True)
    assert urlsplit(api.ask("get", f"attachments/{upload['id']}")["url"]).path.endswith("/a.txt")
    body = {"client_id": str(uuid4()), "body": "Hi", "attachments": [upload["id"]]}
    sent = api.ask("post", f"{here}/messages", body, status=201)
    assert api.ask("post", f"{here}/messages", body, status=200) == sent
    assert api.ask("post", f"{here}/messages", {**body, "body": "Ho"}, status=409)["error"]["code"] == "conflict"
    assert len(api.ask("get", f"{here}/messages?limit=1")["results"]) == 1
    message = f"{here}/messages/{sent['message']['id']}"
    assert api.ask("patch", message, {"body": "Hello"})["message"]["edited_at"]
    assert api.ask("delete", message)["message"]["attachments"] == []
    note = {"client_id": str(uuid4()), "body": "careful"}
    assert api.ask("post", f"{here}/notes", note, status=201) == api.ask("post", f"{here}/notes", note, status=200)
    assert api.ask("get", f"{here}/notes")["next"] is None
    assert api.ask("get", f"{here}/sync?after_version=1&after_note_version=0")["mode"] == "delta"
    assert api.ask("get", f"{here}/sync")["mode"] == "reload"
    assert api.ask("post", f"{here}/read", {"seq": 1})["version"] == 5
    mine = str(cast.a.operator.membership_id)
    assert api.ask("post", f"{here}/assign", {"assignee": mine})["conversation"]["assignee"]["id"] == mine
    for verb, state in (("close", "closed"), ("reopen", "open"), ("mark-spam", "spam")):
        assert api.ask("post", f"{here}/{verb}")["conversation"]["state"] == state
    person = f"end-users/{cast.a.end_user.end_user_id}"
    assert api.ask("get", person)["conversations"][0]["id"] == str(pk)
    assert api.ask("patch", person, {"attributes": {"plan": "gold"}})["attributes"] == {"plan": "gold"}
    assert api.ask("get", "schema")["openapi"] == "3.1.0"

    assert api.asked == operations(strict, lambda path: not path.startswith("/api/v1/widget/"))


def test_every_end_users_address_answers_as_documented(cast: Cast, strict: dict[str, Any]) -> None:
    api = end_user_api(strict, cast.a)
    page = {"url": "https://shop.meridian.example/", "title": "Shop"}

    session = api.ask("post", "session", {"jwt": None, "locale": "en", "page": {**page, "referrer": ""}})
    assert (session["threads"], session["available"]) == ([], False)
    assert len(api.ask("post", "socket-tickets", status=201)["ticket"]) > 40
    assert api.ask("patch", "end-user", {"first_name": "Anna"})["name"] == "Anna"
    api.ask("post", "pages", page, status=204)
    assert api.ask("post", "identify", {"jwt": "made.up.token"}, status=400)["error"]["code"] == "invalid"
    upload = api.ask("post", "attachments", {"file": file()}, status=201, form=True)
    assert api.ask("get", f"attachments/{upload['id']}")["size"] == 4
    opening = {
        "client_id": str(uuid4()),
        "body": "Hello",
        "attachments": [upload["id"]],
        "form": {"name": "Anna Beridze", "topic": "Delivery"},
        "notice_accepted": True,
    }
    begun = api.ask("post", "conversations", opening, status=201)
    assert begun["message"]["author"]["name"] == "Anna Beridze"
    assert api.ask("post", "conversations", opening, status=200)["message"] == begun["message"]
    here = f"conversations/{begun['thread']['id']}"
    assert api.ask("get", "conversations") == [begun["thread"]]
    sent = api.ask("post", f"{here}/messages", {"client_id": str(uuid4()), "body": "There?"}, status=201)
    assert sent["message"]["seq"] == 2
    assert len(api.ask("get", f"{here}/messages")["results"]) == 2
    assert api.ask("get", f"{here}/sync?after_version=1")["messages"][0]["body"] == "There?"
    story.send(cast.a.operator, UUID(begun["thread"]["id"]), "Yes")
    assert api.ask("post", f"{here}/read", {"seq": 3})["version"] == 4
    assert api.ask("post", f"{here}/close")["thread"]["state"] == "closed"
    transcript = api.ask("get", f"{here}/transcript").decode()
    assert "Anna Beridze: Hello (file: a.txt)" in transcript
    api.ask("delete", "session", status=204)
    assert api.ask("get", "conversations", status=401)["error"]["code"] == "unauthenticated"

    assert api.asked == operations(strict, lambda path: path.startswith("/api/v1/widget/"))


def test_the_first_message_needs_the_notice(cast: Cast, strict: dict[str, Any]) -> None:
    api = end_user_api(strict, cast.a)
    opening = {"client_id": str(uuid4()), "body": "Hello", "attachments": [], "form": {}}

    for refused in ({}, {"notice_accepted": False}, {"notice_accepted": "true"}, {"notice_accepted": 1}):
        error = api.ask("post", "conversations", {**opening, **refused}, status=400)["error"]
        assert list(error["fields"]) == ["notice_accepted"]

    assert api.ask("get", "conversations") == []
    api.ask("post", "conversations", {**opening, "notice_accepted": True}, status=201)


def test_nobody_is_let_in_without_session_or_token(cast: Cast, strict: dict[str, Any]) -> None:
    pk = story.started(cast.a)
    operators, visitors = operator_api(strict, cast.a), end_user_api(strict, cast.a)
    operators.client.logout()
    del visitors.client.defaults["HTTP_AUTHORIZATION"]

    for api in (operators, visitors):
        for method, path in (
            ("get", "conversations"),
            ("get", f"conversations/{pk}/messages"),
            ("post", "socket-tickets"),
        ):
            assert api.ask(method, path, status=401)["error"]["code"] == "unauthenticated"


def test_writing_needs_the_csrf_header_and_the_widgets_origin(cast: Cast) -> None:
    pk = story.started(cast.a)
    strict_client = Client(enforce_csrf_checks=True, HTTP_HOST=cast.a.operator_client().defaults["HTTP_HOST"])
    strict_client.force_login(cast.a.operator_user, backend="allauth.account.auth_backends.AuthenticationBackend")
    body = {"client_id": str(uuid4()), "body": "forged"}

    forged = strict_client.post(f"/api/v1/conversations/{pk}/messages", body, content_type=JSON)
    assert (forged.status_code, forged.json()["error"]["code"]) == (403, "forbidden")

    visitor = cast.a.end_user_client()
    path = f"/api/v1/widget/{cast.a.widget.public_key}/conversations/{pk}/messages"
    for origin in ("https://evil.example", "null", ""):
        assert visitor.post(path, body, content_type=JSON, headers={"origin": origin}).status_code == 403
    assert len(story.messages(cast.a, pk)) == 1
    assert visitor.post(path, body, content_type=JSON).status_code == 201


def test_the_refusal_of_a_file_names_what_is_taken(cast: Cast, strict: dict[str, Any]) -> None:
    api = end_user_api(strict, cast.a)

    error = api.ask("post", "attachments", {"file": file("a.svg", b"<svg/>")}, status=415, form=True)["error"]

    assert error["code"] == "unsupported_type"
    assert all(extension in error["message"] for extension in EXTENSIONS)
