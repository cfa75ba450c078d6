"""Source files as the rules read them."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("livecaller", "accounts", "privacy", "billing", "widget", "chats", "calls", "manage.py")


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the project and may exist only in a test."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text)

    @cached_property
    def module(self) -> str:
        """The dotted name by which the file is imported."""
        return module_of(self.path)

    @property
    def is_product(self) -> bool:
        """Say whether the file is part of the product, not of its tests or migrations."""
        parts = self.path.split("/")
        return parts[0] in PRODUCT and "migrations" not in parts

    @property
    def is_test(self) -> bool:
        """Say whether the file belongs to the tests."""
        return self.path.startswith("tests/")

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the dotted name of each import; `from a import b` is `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def calls(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the last name of what is called: `a.b(c)` is `b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Name | ast.Attribute):
                    yield node.lineno, called.id if isinstance(called, ast.Name) else called.attr

    def comments(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the text of each comment."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def strings(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the value of each text constant."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value


def module_of(path: str) -> str:
    """Return the dotted name of a Python file: `chats/services/__init__.py` is `chats.services`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def files(*endings: str) -> tuple[str, ...]:
    """Return the project's own files with these endings: what git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return tuple(sorted(name for name in set(listed) if name.endswith(endings) and (ROOT / name).is_file()))


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the project."""
    return tuple(Source(name, (ROOT / name).read_text(encoding="utf-8")) for name in files(".py"))


@cache
def modules() -> frozenset[str]:
    """Return the dotted name of every Python file of the project."""
    return frozenset(source.module for source in sources())
