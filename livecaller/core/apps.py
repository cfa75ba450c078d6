"""Application configuration of the ground."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Registers the check of the personal-data map, and what has to happen after every migration."""

    name = "livecaller.core"
    label = "core"

    def ready(self) -> None:
        # Models must be loaded first.
        from livecaller.core.personal_data.checks import check_registry
        from livecaller.core.tenancy.grants import grant_after_migrate

        register(check_registry)
        # Sent once per app after all of them have migrated; listening to one app is enough.
        post_migrate.connect(grant_after_migrate, sender=self, dispatch_uid="livecaller.core.grants")
