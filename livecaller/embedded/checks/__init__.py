"""What `doctor` looks at: each check looks at one thing, changes nothing and says in words what it found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check."""

    title: str
    words: str
    is_fine: bool


def fine(title: str, words: str) -> Finding:
    """Everything is as it should be."""
    return Finding(title, words, is_fine=True)


def problem(title: str, words: str) -> Finding:
    """Something is wrong; `words` say what, and what to do."""
    return Finding(title, words, is_fine=False)
