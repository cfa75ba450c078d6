"""Closed lists of the accounts app; the values are the same in database, wire and TypeScript."""

from django.db import models


class Role(models.TextChoices):
    """What a member may do; the table is `accounts.rules.PERMISSIONS`."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    OPERATOR = "operator", "Operator"


class PresenceStatus(models.TextChoices):
    """What a member has chosen to be; offline is not chosen, it is the absence of a live socket."""

    ONLINE = "online", "Online"
    BUSY = "busy", "Busy"
    AWAY = "away", "Away"
