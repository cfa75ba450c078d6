"""Addresses of the probes, the same on every host; see `livecaller.core.probes`."""

from django.urls import path

from livecaller.core import probes

urlpatterns = [
    path("health/live", probes.live, name="health_live"),
    path("health/ready", probes.ready, name="health_ready"),
    path("metrics", probes.exposition, name="metrics"),
]
