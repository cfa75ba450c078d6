"""The top level that the customer fixed, and the packages the customer chose."""

import re
import subprocess
import tomllib

from tests.servers import ROOT

FIXED = {
    "manage.py", "livecaller", "accounts", "widget", "calls", "chats", "billing", "privacy", "templates", "static",
    "tests", "docker-compose.yml", "pyproject.toml",
}  # fmt: skip
# Beside those only what tools and readers look for in a root folder.
USUAL = {
    ".ci", ".dockerignore", ".gitignore", ".npmrc", "CHANGELOG.md", "Dockerfile", "LICENSE", "Makefile", "README.md",
    "biome.json", "docs", "locale", "package-lock.json", "package.json", "tsconfig.json", "uv.lock", "vite.config.ts",
}  # fmt: skip
PACKAGES = {
    "django", "djangorestframework", "channels", "channels-redis", "aiortc", "stripe", "celery", "psycopg2-binary",
    "django-allauth",
}  # fmt: skip


def tracked() -> set[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split("/")[0] for line in listed.stdout.splitlines()}


def test_top_level_is_the_customers() -> None:
    present = tracked()
    assert present - FIXED - USUAL == set()
    assert FIXED - present == set()


def test_folders_of_the_top_level_are_folders() -> None:
    for name in FIXED - {"manage.py", "docker-compose.yml", "pyproject.toml"}:
        assert (ROOT / name).is_dir()


def test_the_nine_packages_are_declared_and_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[^\w-]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert PACKAGES - declared == set()
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    assert PACKAGES - {entry["name"] for entry in lock["package"]} == set()
