"""What beat starts, and that it exists."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any  # settings

import pytest
from django.utils import timezone

from chats import tasks
from chats.models import Attachment
from livecaller.celery import app
from tests.cast import Cast, Side


def old_upload(side: Side) -> None:
    side.inside(
        lambda: Attachment.objects.create(
            organization=side.organization,
            uploader_kind="end_user",
            uploader_id=side.end_user.end_user_id,
            name="a.txt",
            content_type="text/plain",
            size=1,
            storage_name=f"{side.organization.pk}/nowhere",
            expires_at=timezone.now() - timedelta(seconds=1),
        )
    )


@pytest.fixture
def at_once() -> Iterator[None]:
    """Run tasks where they are asked for."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_the_sweep_visits_every_organization(committed_cast: Cast, at_once: None) -> None:
    for side in (committed_cast.a, committed_cast.b):
        old_upload(side)

    tasks.sweep_files()

    for side in (committed_cast.a, committed_cast.b):
        assert side.inside(Attachment.all_states.count) == 0


def test_what_beat_starts_exists(settings: Any) -> None:
    app.loader.import_default_modules()

    assert "chats.sweep_files" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
