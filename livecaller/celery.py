"""Celery: deletion, clocks and mail run here, never inside a web request."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")

app = Celery("livecaller")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
