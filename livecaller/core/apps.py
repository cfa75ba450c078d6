"""Application configuration of the ground."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Registers what has to happen after every migration."""

    name = "livecaller.core"
    label = "core"

    def ready(self) -> None:
        from livecaller.core.tenancy.grants import grant_after_migrate  # models must be loaded first

        # Sent once per app after all of them have migrated; listening to one app is enough.
        post_migrate.connect(grant_after_migrate, sender=self, dispatch_uid="livecaller.core.grants")
