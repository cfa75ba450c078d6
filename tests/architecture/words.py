"""Words that have no place in the project, in any kind of file."""

import re
from collections.abc import Iterator

ENDINGS = (".py", ".ts", ".tsx", ".css", ".html", ".txt", ".md", ".toml", ".yml", ".yaml", ".sh", "Makefile",
           "Dockerfile", ".svg", "package.json", "biome.json", "tsconfig.json")  # fmt: skip
# Where the rule itself is written.
_SPEAKS_OF_IT = {"tests/architecture/words.py", "tests/test_architecture.py"}

# As a word, a part of snake_case or a part of CamelCase; the one browsers send is something else.
_AGENT = re.compile(r"(?<![A-Za-z])[Aa]gents?(?![a-z])|(?<=[a-z])Agents?(?![a-z])|(?<![A-Za-z])AGENTS?(?![A-Za-z])")
_BROWSERS_OWN = re.compile(r"(?i)user[ _-]?\Z")


def word_problems(path: str, text: str) -> Iterator[str]:
    """Yield where the word for an operator that is not ours stands."""
    if path in _SPEAKS_OF_IT:
        return
    for number, line in enumerate(text.split("\n"), 1):
        for found in _AGENT.finditer(line):
            if not _BROWSERS_OWN.search(line[: found.start()]):
                yield f"{path}:{number}: {found.group()!r}: people who answer are operators"
