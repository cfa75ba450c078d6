"""`manage.py create_roles`: the four database roles on a PostgreSQL server of one's own."""

from contextlib import closing
from typing import Any  # Django passes options of any type

import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from livecaller import env
from livecaller.core.database_roles import APP, OWNER, role_statements


class Command(BaseCommand):
    """Signs in as DATABASE_ADMIN_URL, a superuser; running it again changes nothing but passwords."""

    help = (
        "Create the database, the four roles and their rights, signed in as DATABASE_ADMIN_URL. The owner's and the "
        "app's passwords come from DATABASE_OWNER_URL and DATABASE_URL."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        admin = env.database("DATABASE_ADMIN_URL")
        database, passwords = str(settings.DATABASES["default"]["NAME"]), self._passwords()
        try:
            self._create_database(admin, database)
            with closing(_connect(admin, database)) as connection, connection, connection.cursor() as cursor:
                for statement in role_statements(passwords, database):
                    cursor.execute(statement)
        except psycopg2.Error as error:
            raise CommandError(f"PostgreSQL refuses DATABASE_ADMIN_URL: {str(error).strip()}") from None
        self.stdout.write(f"The roles of {database} are as they should be.")

    def _passwords(self) -> dict[str, str]:
        """Return the passwords of app and owner; refuse addresses that sign in as anybody else."""
        passwords = {}
        for variable, alias, role in (("DATABASE_URL", "default", APP), ("DATABASE_OWNER_URL", "owner", OWNER)):
            database = settings.DATABASES[alias]
            if database["USER"] != role or not database["PASSWORD"]:
                raise CommandError(f"{variable} must sign in as {role} with a password.")
            passwords[role] = str(database["PASSWORD"])
        return passwords

    def _create_database(self, admin: dict[str, object], name: str) -> None:
        with closing(_connect(admin, str(admin["NAME"]))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
                if cursor.fetchone() is None:
                    cursor.execute('CREATE DATABASE "{}"'.format(name.replace('"', '""')))


def _connect(admin: dict[str, object], database: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(
        host=admin["HOST"],
        port=admin["PORT"],
        user=admin["USER"],
        password=admin["PASSWORD"],
        dbname=database,
        connect_timeout=10,
    )
