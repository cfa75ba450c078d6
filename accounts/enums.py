"""Closed lists of the accounts app; the values are the same in database, wire and TypeScript."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do; the table is `accounts.rules.PERMISSIONS`."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    OPERATOR = "operator", _("Operator")


class PresenceStatus(models.TextChoices):
    """What a member has chosen to be; offline is not chosen, it is the absence of a live socket."""

    ONLINE = "online", _("Online")
    BUSY = "busy", _("Busy")
    AWAY = "away", _("Away")


# How long an organization may keep conversations.
RETENTION_DAYS = (30, 90, 180, 365)
