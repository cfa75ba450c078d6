"""Celery: deletion, clocks and mail run here, never inside a web request."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")

app = Celery("livecaller")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Leave the log to `livecaller.core.logs`: Celery would add handlers that write what we do not."""
