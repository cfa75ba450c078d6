"""Refusals speak the reader's language, at every door; what only a program can do wrong is said in English."""

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from chats import services
from livecaller.core import errors
from livecaller.core.languages import language_of
from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import Socket, apart, operator_ticket, session_of
from tests.website.texts import ROOT, catalogue

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
# Where refusals are raised; what speaks to whoever runs LiveCaller, and to nobody else, is left out.
PLACES = ("accounts", "chats", "widget", "privacy", "billing", "calls", "livecaller/core")
SPEAK_TO_WHOEVER_RUNS_IT = {"management", "migrations", "personal_data", "personal_data.py", "tenancy", "sealing.py"}
# Nobody who uses our pages, inbox or widget can cause these; whoever writes a client, or signs tokens, reads them.
FILES_FOR_PROGRAMS = {
    "livecaller/core/bodies.py",
    "livecaller/core/consumers.py",
    "livecaller/core/frames.py",
    "livecaller/core/tickets.py",
    "widget/tokens.py",
}
FOR_PROGRAMS = {
    "At most … conversations.",
    "Choose among: ….",
    "Choose one of: ….",
    "Give a color, a position, a launcher and a theme, nothing else.",
    "Give at most … named texts.",
    "Give texts by language: ….",
    "Only the widget's own pages may ask this.",
    "Say for which conversation the file is.",
    "Say yes or no.",
    "Send an object with named fields.",
    "Send the page's address, beginning with https://.",
    "Take the cursor from the page before.",
    "The browser parts are not built. Run `npm run build`.",
    "The form's fields are: ….",
    "The texts of a language are: ….",
    "This client_id already stands for another message.",
    "This client_id already stands for another note.",
    "This field is not known.",
    "This ticket opens another door.",
    "This ticket was given to another session. Fetch a new one.",
}


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what refusals in a file say without asking the catalogue, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name(node.func).endswith(("Error", "_refuse", "_refused")):
            if _name(node.func) in {"ValueError", "TypeError", "RuntimeError", "NotImplementedError", "TimeoutError"}:
                continue
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from _untranslated(argument)
        if isinstance(node, ast.Assign) and any(_name(target) in {"default", "errors"} for target in node.targets):
            yield from _untranslated(node.value)


def _untranslated(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and _name(node.func) in {"_", "ngettext"}:
        return
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        if " " in text and any(letter.isalpha() for letter in text):
            yield node.lineno, text
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip(" ,"):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from _untranslated(child)


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def spoken() -> list[tuple[str, int, str]]:
    """Return every sentence of a refusal that is in no catalogue."""
    found = []
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*.py")):
            name = path.relative_to(ROOT)
            if not SPEAK_TO_WHOEVER_RUNS_IT & set(name.parts) and str(name) not in FILES_FOR_PROGRAMS:
                found += [(str(name), line, text) for line, text in sentences(path)]
    return found


def test_what_people_may_read_is_in_the_catalogues() -> None:
    found = spoken()
    assert [row for row in found if row[2] not in FOR_PROGRAMS] == []
    assert {text for _, _, text in found} == FOR_PROGRAMS


def test_the_rule_sees_a_sentence_that_was_forgotten(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        'raise GoneError("It is gone.")\n'
        'raise InvalidError(fields={"body": [f"At most {MOST} characters."]})\n'
        'raise InvalidError(fields={"body": [_("At most %(most)d.") % {"most": MOST}]})\n'
        'raise _refuse("This is odd.")\n'
    )
    assert [line for line, _ in sentences(planted)] == [1, 2, 4]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_has_its_default_in_each_language(language: str) -> None:
    kinds: list[type[errors.LiveCallerError]] = [errors.LiveCallerError, *errors.LiveCallerError.__subclasses__()]
    assert len(kinds) == 12
    said = {message.id: message.string for message in catalogue(language)}
    for kind in kinds:
        with translation.override("en"):
            english = kind().message
        with translation.override(language):
            assert kind().payload()["message"] == said[english] != english


def test_the_operators_api_speaks_as_the_site_does(cast: Cast) -> None:
    pk = story.started(cast.a)
    client = cast.a.operator_client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    answer = client.post(
        f"/api/v1/conversations/{pk}/assign", {"assignee": str(cast.b.owner.membership_id)}, "application/json"
    )
    assert answer.json()["error"]["fields"] == {"assignee": ["Wählen Sie ein aktives Mitglied Ihrer Organisation."]}
    assert answer.json()["error"]["message"].startswith("Ein Teil des Gesendeten")


def test_the_widgets_api_speaks_as_the_frame_asks(cast: Cast) -> None:
    path = f"/api/v1/widget/{cast.a.widget.public_key}/attachments"

    def refused(**headers: str) -> str:
        file = SimpleUploadedFile("letter.txt", b"\xff\xfe")
        answer = cast.a.end_user_client().post(path, {"file": file}, headers=headers)
        assert answer.status_code == 415
        return str(answer.json()["error"]["message"])

    assert refused() == "Text files are accepted in UTF-8. It was not stored."
    georgian = "ტექსტური ფაილები მიიღება UTF-8 კოდირებით. ის არ შენახულა."
    assert refused(**{"Accept-Language": "ka"}) == georgian
    # What is not offered falls back.
    assert refused(**{"Accept-Language": "tlh"}) == "Text files are accepted in UTF-8. It was not stored."


async def test_a_socket_speaks_as_the_site_does(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    take = partial(services.assign_conversation, actor=a.owner, conversation_id=pk, assignee_id=a.owner.membership_id)
    await apart(lambda: a.inside(take))
    for language, words in (("he", "השיחה הזו כבר אצל Olga."), ("en", "Olga has taken this conversation.")):
        cookies = f"{session_of(client)}; {settings.LANGUAGE_COOKIE_NAME}={language}"
        socket = await Socket("/ws/inbox", settings.SITE_URL, cookies).connect()
        ticket = await apart(lambda: operator_ticket(client))
        await socket.do("hello", ticket=ticket, epoch=None, cursors={})
        mine = {"conversation": str(pk), "assignee": str(a.operator.membership_id)}
        answer = await socket.ask("conversation.assign", mine)
        assert (answer["error"]["code"], answer["error"]["message"]) == ("conflict", words)
        await socket.hang_up()
    assert translation.get_language() == settings.LANGUAGE_CODE


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ({}, "", "en"),
        ({}, "fr-CH, de;q=0.8", "fr"),
        ({settings.LANGUAGE_COOKIE_NAME: "ar"}, "fr", "ar"),
        ({settings.LANGUAGE_COOKIE_NAME: "../de"}, "nonsense;;q=x", "en"),
    ],
)
def test_who_is_spoken_to_how(cookies: dict[str, str], accepted: str, language: str) -> None:
    assert language_of(cookies=cookies, accepted=accepted) == language
