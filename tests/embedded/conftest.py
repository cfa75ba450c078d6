"""What the tests of the embedded servers share."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the servers' account can pass through; pytest's own is closed to others."""
    made = Path(tempfile.mkdtemp(prefix="livecaller-embedded-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@contextmanager
def ordinary_account() -> Iterator[None]:
    """Touch files as somebody who is not root, whom permissions would not stop."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
