"""Pages as people see them: Django's own pages for developers stay out of the way."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def no_debug_pages(settings: Settings) -> None:
    """Answer errors as outside of development; static files are found without having been collected."""
    settings.DEBUG = False
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
