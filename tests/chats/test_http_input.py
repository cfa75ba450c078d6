"""Bad input over HTTP: a typed refusal, nothing stored, others feel nothing."""

import io
from typing import Any  # bodies and answers are JSON
from uuid import uuid4

import pytest
from django.test import Client

from chats.models import Attachment
from tests.cast import Cast, Side
from tests.chats import story

JSON = "application/json"
GOOD = {"client_id": "6f1c1c1e-0000-4000-8000-000000000001", "body": "Hello", "attachments": []}

BODIES: list[tuple[Any, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"null", 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b"\xff\xfe", 400),
    (b'{"body": "\\ud800"}', 400),
    (b"[" * 10_000 + b"]" * 10_000, 400),
    (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, 400),
    (b'{"body": "' + b"x" * 70_000 + b'"}', 413),
    (b'{"body": "' + b"x" * 10_000_000 + b'"}', 413),
    ({**GOOD, "body": "nul \0 here"}, 400),
    ({**GOOD, "body": 7}, 400),
    ({**GOOD, "body": None}, 400),
    ({**GOOD, "body": ["x"]}, 400),
    ({**GOOD, "body": {"a": 1}}, 400),
    ({**GOOD, "body": True}, 400),
    ({**GOOD, "body": ""}, 400),
    ({**GOOD, "body": "x" * 4001}, 400),
    ({**GOOD, "client_id": 7}, 400),
    ({**GOOD, "client_id": "nonsense"}, 400),
    ({**GOOD, "client_id": None}, 400),
    ({**GOOD, "attachments": "x"}, 400),
    ({**GOOD, "attachments": ["nonsense"]}, 400),
    ({**GOOD, "attachments": [str(uuid4())]}, 400),
    ({**GOOD, "attachments": [str(uuid4()) for _ in range(11)]}, 400),
    ({**GOOD, "seq": 1}, 400),
    ({**GOOD, "author": {"kind": "operator"}}, 400),
    ({**GOOD, "organization": str(uuid4())}, 400),
    ({**GOOD, "created_at": "2020-01-01T00:00:00Z"}, 400),
    ({"body": "Hello"}, 400),
]


def doors(side: Side, pk: object) -> list[tuple[Client, str]]:
    """Return both ways to send a message over HTTP."""
    return [
        (side.operator_client(), f"/api/v1/conversations/{pk}/messages"),
        (side.end_user_client(), f"/api/v1/widget/{side.widget.public_key}/conversations/{pk}/messages"),
    ]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=range(len(BODIES)))
def test_a_body_that_makes_no_sense_is_refused(cast: Cast, body: Any, status: int) -> None:
    pk = story.started(cast.a)

    for client, path in doors(cast.a, pk):
        response: Any = client.post(path, body, content_type=JSON)
        assert response.status_code == status, response.content
        error = response.json()["error"]
        assert error["code"] == {400: "invalid", 413: "too_large"}[status]
        assert "Traceback" not in response.content.decode()

    assert story.reread(cast.a, pk).version == 1
    for client, path in doors(cast.a, pk):
        fresh: Any = client.post(path, {**GOOD, "client_id": str(uuid4())}, content_type=JSON)
        assert fresh.status_code == 201


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=1e9", "before_seq=-1", "before_seq=x", "before_seq=99999999999999999999",
     "unknown=1", "limit=%00", "limit=5&limit=x"],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(cast: Cast, query: str) -> None:
    pk = story.started(cast.a)

    for client, path in doors(cast.a, pk):
        response: Any = client.get(f"{path}?{query}")
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "query", ["section=mine", "section=", "cursor=x", "cursor=%00", "cursor=%F0%9F%98%80", "page=2"]
)
def test_a_list_that_is_not_there_is_refused(cast: Cast, query: str) -> None:
    response: Any = cast.a.operator_client().get(f"/api/v1/conversations?{query}")

    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


def test_other_kinds_of_body_and_method_are_refused(cast: Cast) -> None:
    pk = story.started(cast.a)

    for client, path in doors(cast.a, pk):
        for kind in (
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
        ):
            assert client.post(path, "body=x", content_type=kind).status_code == 415, kind
        for method in ("put", "delete", "patch"):
            assert getattr(client, method)(path).status_code == 405
    assert story.reread(cast.a, pk).version == 1


def test_ids_that_are_none_are_not_found(cast: Cast) -> None:
    client = cast.a.operator_client()

    for path in ("conversations/1", "conversations/..%2f", f"conversations/{uuid4()}", f"conversations/{uuid4()}/sync",
                 f"attachments/{uuid4()}", f"end-users/{uuid4()}", f"conversations/{uuid4()}/messages"):  # fmt: skip
        assert client.get(f"/api/v1/{path}").status_code == 404, path


def test_neighbours_ids_are_not_found_and_nothing_changes(cast: Cast) -> None:
    foreign = story.started(cast.b, "theirs")
    message = story.messages(cast.b, foreign)[0].pk
    here = f"conversations/{foreign}"
    asked: list[tuple[str, str, Any]] = [
        ("get", here, None),
        ("get", f"{here}/messages", None),
        ("get", f"{here}/sync", None),
        ("get", f"{here}/notes", None),
        ("post", f"{here}/messages", GOOD),
        ("patch", f"{here}/messages/{message}", {"body": "mine"}),
        ("delete", f"{here}/messages/{message}", {}),
        ("post", f"{here}/notes", {"client_id": str(uuid4()), "body": "x"}),
        ("post", f"{here}/read", {"seq": 1}),
        ("post", f"{here}/assign", {"assignee": None}),
        ("post", f"{here}/close", {}),
        ("post", f"{here}/reopen", {}),
        ("post", f"{here}/mark-spam", {}),
        ("get", f"end-users/{cast.b.end_user.end_user_id}", None),
        ("patch", f"end-users/{cast.b.end_user.end_user_id}", {"first_name": "x"}),
    ]
    client = cast.a.owner_client()

    for method, path, data in asked:
        options = {} if data is None else {"data": data, "content_type": JSON}
        response = getattr(client, method)(f"/api/v1/{path}", **options)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found"), (method, path)

    row = story.reread(cast.b, foreign)
    assert (row.version, row.note_version, row.state) == (1, 0, "open")
    assert cast.b.owner_client().get(f"/api/v1/{here}").status_code == 200


def upload(side: Side, *files: tuple[str, bytes], **fields: str) -> Any:
    """Upload through the widget's door."""
    form: dict[str, Any] = dict(fields)
    for name, content in files:
        form[name] = io.BytesIO(content)
        form[name].name = "a.txt"
    return side.end_user_client().post(f"/api/v1/widget/{side.widget.public_key}/attachments", form)


def test_forms_that_make_no_sense_are_refused(cast: Cast) -> None:
    path = f"/api/v1/widget/{cast.a.widget.public_key}/attachments"
    client = cast.a.end_user_client()

    assert upload(cast.a).status_code == 400
    assert upload(cast.a, ("other", b"x")).status_code == 400
    assert upload(cast.a, ("file", b"x"), unknown="1").status_code == 400
    assert upload(cast.a, ("file", b"")).status_code == 400
    assert upload(cast.a, ("file", b"x"), conversation="nonsense").status_code == 400
    assert upload(cast.a, ("file", b"x"), conversation=str(uuid4())).status_code == 404
    assert client.post(path, {"file": "text"}, content_type=JSON).status_code == 415
    for body in (b"", b"--x", b"garbage", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'):
        assert client.post(path, body, content_type="multipart/form-data; boundary=x").status_code == 400, body
    assert client.post(path, b"x", content_type="multipart/form-data").status_code == 400

    assert cast.a.inside(Attachment.all_states.count) == 0
    assert upload(cast.a, ("file", b"x")).status_code == 201


def test_a_file_longer_than_allowed_is_cut_off_while_it_arrives(cast: Cast, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100_000

    for size in (100_001, 5_000_000):
        response = upload(cast.a, ("file", b"x" * size))
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")

    assert cast.a.inside(Attachment.all_states.count) == 0
    assert upload(cast.a, ("file", b"x" * 100_000)).status_code == 201


def test_a_flood_of_uploads_is_refused(cast: Cast) -> None:
    statuses = [upload(cast.a, ("file", b"x")).status_code for _ in range(35)]

    assert statuses[:30] == [201] * 30
    assert 429 in statuses[30:]
    assert upload(cast.b, ("file", b"x")).status_code == 201
