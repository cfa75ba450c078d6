"""Text never becomes markup: nothing in the product may write HTML by hand or switch escaping off."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, files

ENDINGS = (".py", ".html", ".txt", ".ts", ".tsx", ".js", ".svg")
# Mails in plain text have no markup to escape for.
PLAIN = re.compile(r"templates/email/[a-z_]+(\.subject)?\.txt")
BANNED = {
    "a browser would read text as markup": re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|setHTMLUnsafe|srcdoc"
        r"|createContextualFragment|parseFromString|javascript:"
    ),
    "text would run": re.compile(r"\bnew Function\b|(?<![.\w])eval\(|set(Timeout|Interval)\(\s*['\"`]"),
    "a template would not escape": re.compile(
        r"\|\s*safe(seq)?\b|mark_safe|SafeString\(|SafeText|html_safe|__html__|\{%-?\s*autoescape\s+off"
    ),
}


def problems(path: str, text: str) -> Iterator[str]:
    """Say where one file of the product breaks the rule."""
    for reason, pattern in BANNED.items():
        for found in pattern.finditer(text):
            is_plain = "autoescape" in found[0] and PLAIN.fullmatch(path)
            if not is_plain:
                yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {reason}: {found[0]}"


def product() -> dict[str, str]:
    """Return the text of every source file that is not a test."""
    paths = [path for path in files(*ENDINGS) if not path.startswith(("tests/", "docs/"))]
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in paths}


def test_nothing_makes_markup_of_text() -> None:
    found = product()
    assert {"templates/base.html", "static/src/ui/Bubble.tsx", "static/src/widget/loader/shell.ts"} <= set(found)
    assert {"widget/loader.py", "templates/email/invitation.txt"} <= set(found)
    assert [problem for path, text in found.items() for problem in problems(path, text)] == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("static/src/ui/Bubble.tsx", "<p dangerouslySetInnerHTML={{ __html: text }} />"),
        ("static/src/widget/loader/shell.ts", "card.innerHTML = line;"),
        ("static/src/widget/loader/shell.ts", "card.insertAdjacentHTML('beforeend', line);"),
        ("static/src/site.ts", "document.write(name)"),
        ("static/src/site.ts", "element.outerHTML = name"),
        ("static/src/site.ts", "frame.srcdoc = name"),
        ("static/src/core/api.ts", "eval(text)"),
        ("static/src/core/api.ts", "setTimeout('tick()', 1)"),
        ("templates/dashboard/team.html", "{{ member.display_name|safe }}"),
        ("templates/dashboard/team.html", "{{ member.display_name | safe }}"),
        ("templates/dashboard/team.html", "{% autoescape off %}{{ name }}{% endautoescape %}"),
        ("templates/email/invitation.html", "{% autoescape off %}{{ name }}{% endautoescape %}"),
        ("templates/email/invitation.txt", "{{ name|safe }}"),
        ("templates/site/home.html", '<a href="javascript:history.back()">'),
        ("widget/templatetags/widgets.py", "return mark_safe(f'<b>{name}</b>')"),
        ("widget/views.py", "return SafeString(name)"),
    ],
)
def test_a_planted_hole_is_found(path: str, line: str) -> None:
    found = list(problems(path, f"first\n{line}\n"))
    assert len(found) == 1
    assert found[0].startswith(f"{path}:2: ")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("templates/email/invitation.txt", "{% autoescape off %}{{ name }}{% endautoescape %}"),
        ("templates/email/invitation.subject.txt", "{% autoescape off %}{{ name }}{% endautoescape %}"),
        ("static/src/widget/loader/safe.ts", "export const safe = (work) => () => work();"),
        ("chats/presence.py", "client().eval(_DROP, 1)"),
        ("livecaller/website/templatetags/ui.py", "return format_html(_ICON, classes)"),
    ],
)
def test_what_is_harmless_may_stand(path: str, line: str) -> None:
    assert list(problems(path, line)) == []
