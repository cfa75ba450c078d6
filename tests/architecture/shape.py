"""How big things are, what they are called and what stands beside them."""

import ast
import re
from collections.abc import Iterator, Sequence
from statistics import median, quantiles

from livecaller.core.logs import KEYS
from tests.architecture.imports import Rule
from tests.architecture.source import Source

FILE_LINES, FUNCTION_LINES = 400, 60
MEDIAN_LINES, NINE_IN_TEN_LINES, NINE_IN_TEN_ARGUMENTS = 8, 25, 4
_NAMELESS = {"utils", "util", "helpers", "helper", "managers", "manager", "common", "misc"}
_SHORTEST_REASON = 4
# Middleware has no base class to inherit the meaning of its hooks from.
_HOOKS = {"process_view", "process_exception", "process_template_response"}
_BARE_IGNORE = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:))")
_LEFT_FOR_LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def files_have_a_subject(source: Source) -> Iterator[str]:
    """Refuse file and folder names that say nothing."""
    for part in source.module.split("."):
        if part in _NAMELESS:
            yield f"{source.path}:1: {part} says nothing; name the file after its subject"


def files_are_short(source: Source) -> Iterator[str]:
    """Refuse files that should be a package with one file per subject."""
    lines = source.text.count("\n")
    if "migrations" not in source.path.split("/") and lines > FILE_LINES:
        yield f"{source.path}:{FILE_LINES}: {lines} lines, more than {FILE_LINES}; make it a package"


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function from its `def` on, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def arguments_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many named arguments a function takes, `self` not counted."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def functions_are_short(source: Source) -> Iterator[str]:
    """Refuse a single function that is too long."""
    for function in source.functions():
        if "migrations" not in source.path and length_of(function) > FUNCTION_LINES:
            yield f"{source.path}:{function.lineno}: {function.name} has more than {FUNCTION_LINES} lines"


def budget_problems(sources: Sequence[Source]) -> Iterator[str]:
    """Yield which budget the functions of the product, taken together, exceed."""
    functions = [function for source in sources if source.is_product for function in source.functions()]
    lines = [length_of(function) for function in functions]
    arguments = [arguments_of(function) for function in functions]
    if median(lines) > MEDIAN_LINES:
        yield f"half of the functions have more than {MEDIAN_LINES} lines (median {median(lines)})"
    if quantiles(lines, n=10)[-1] > NINE_IN_TEN_LINES:
        yield f"one function in ten has more than {NINE_IN_TEN_LINES} lines"
    if quantiles(arguments, n=10)[-1] > NINE_IN_TEN_ARGUMENTS:
        yield f"one function in ten takes more than {NINE_IN_TEN_ARGUMENTS} arguments"


def any_has_a_reason(source: Source) -> Iterator[str]:
    """Refuse an import of `Any` without a comment that says why no type will do."""
    comments = dict(source.comments())
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "typing" and "Any" in {a.name for a in node.names}:
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            comment = "".join(comments.get(line, "") for line in lines).lstrip("# ")
            if len(comment) < _SHORTEST_REASON or comment.startswith(("noqa", "type:")):
                yield f"{source.path}:{node.lineno}: Any is imported without a comment that says why"


def silences_name_what_they_silence(source: Source) -> Iterator[str]:
    """Refuse `type: ignore` and `noqa` without a code."""
    for number, comment in source.comments():
        if _BARE_IGNORE.search(comment):
            yield f"{source.path}:{number}: name what is ignored, in brackets or after a colon"


def public_things_have_docstrings(source: Source) -> Iterator[str]:
    """Refuse public functions, classes, and methods of our own making without a docstring.

    A method of a class with a base outside of this rule's sight may override one that is documented there.
    """
    if not source.is_product:
        return
    if not ast.get_docstring(source.tree) and source.text.strip():
        yield f"{source.path}:1: the file has no docstring"
    for node in source.tree.body:
        yield from _undocumented(source.path, node)
        if isinstance(node, ast.ClassDef) and not node.bases and not node.name.startswith("_"):
            for method in node.body:
                yield from _undocumented(source.path, method)


def _undocumented(path: str, node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        is_public = not node.name.startswith("_") and node.name not in _HOOKS
        if is_public and not ast.get_docstring(node) and not _is_overload(node):
            yield f"{path}:{node.lineno}: {node.name} is public and has no docstring"


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)


def nothing_is_left_for_later(source: Source) -> Iterator[str]:
    """Refuse reminders in comments: what is left to do stands in an issue."""
    for number, comment in source.comments():
        if _LEFT_FOR_LATER.search(comment):
            yield f"{source.path}:{number}: do it now, or write an issue"


def tests_can_fail(source: Source) -> Iterator[str]:
    """Refuse tests that are switched off, that sleep, or that replace our own functions."""
    if not source.is_test:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            parent = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            name = f"{parent}.{node.attr}"
            if name in {"mark.skip", "mark.skipif", "mark.xfail", "pytest.skip", "pytest.xfail", "pytest.importorskip"}:
                yield f"{source.path}:{node.lineno}: {name}: a test that does not run proves nothing"
            if name in {"time.sleep", "mock.patch"}:
                yield f"{source.path}:{node.lineno}: {name}: wait for a condition, and use the real thing"


_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
_EVENT = re.compile(r"[a-z_]+(\.[a-z_]+)*")


def logs_name_things(source: Source) -> Iterator[str]:
    """Refuse log lines that quote: an event that is put together, a key that is not on the list of `core.logs`."""
    if not source.is_product or source.module == "livecaller.core.logs":
        return
    for line, name in source.imports():
        if name.split(".")[0] == "logging":
            yield f"{source.path}:{line}: log with structlog, whose keys livecaller.core.logs checks"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_log(node.func):
            yield from (f"{source.path}:{node.lineno}: {problem}" for problem in _log_problems(node))


def _is_log(called: ast.Attribute) -> bool:
    return called.attr in _LEVELS and isinstance(called.value, ast.Name) and called.value.id in {"log", "logger"}


def _log_problems(call: ast.Call) -> Iterator[str]:
    event = call.args[0] if call.args else None
    is_name = isinstance(event, ast.Constant) and isinstance(event.value, str) and _EVENT.fullmatch(event.value)
    if not is_name or len(call.args) > 1:
        yield "an event has a name, such as limit.unavailable, and what belongs to it has keys"
    for keyword in call.keywords:
        if keyword.arg not in KEYS | {"exc_info"}:
            yield f"{keyword.arg} is no key of the log; see KEYS in livecaller.core.logs"


RULES: tuple[Rule, ...] = (
    files_have_a_subject,
    files_are_short,
    functions_are_short,
    any_has_a_reason,
    silences_name_what_they_silence,
    public_things_have_docstrings,
    nothing_is_left_for_later,
    tests_can_fail,
    logs_name_things,
)
