"""What several tests of the chat stand on."""

from pathlib import Path
from typing import Any  # Django's settings

import pytest


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """A storage folder of this test alone."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    return tmp_path
