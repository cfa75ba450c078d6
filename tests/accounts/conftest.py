"""Browsers that come from somewhere, and mails that arrive while the test looks on."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from livecaller.celery import app


def browser(address: str = "203.0.113.5", language: str = "en") -> Client:
    """Return a browser on the site's host, signed out, at a network address of its own."""
    return Client(HTTP_HOST=settings.SITE_HOST, REMOTE_ADDR=address, HTTP_ACCEPT_LANGUAGE=language)


@pytest.fixture
def post() -> Iterator[list[EmailMessage]]:
    """The mails sent so far: tasks run where they are asked for, after commit as always."""
    # What a worker does when it starts: find the tasks of all apps.
    app.loader.import_default_modules()
    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True
    yield mail.outbox
    app.conf.task_always_eager = False
    app.conf.task_eager_propagates = False


def link_in(message: EmailMessage) -> str:
    """Return the path of the first link of a mail's text; it must lead to the site."""
    found = re.search(r"^http://localhost:8437(/\S+)$", str(message.body), re.MULTILINE)
    assert found, message.body
    return found[1]
