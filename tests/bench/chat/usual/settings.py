"""Settings of the yardstick, as a project of its own would have them."""

import os
from urllib.parse import urlsplit

_database = urlsplit(os.environ["YARDSTICK_DATABASE_URL"])

SECRET_KEY = "only-for-the-benchmark-0123456789-0123456789-0123456789"
DEBUG = False
USE_TZ = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "channels",
    "tests.bench.chat.usual",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path[1:],
        "USER": _database.username,
        "PASSWORD": _database.password,
        "HOST": _database.hostname,
        "PORT": _database.port,
        # Without it each message would open a connection, which nobody accepts for long.
        "CONN_MAX_AGE": 60,
    }
}
# The tables are made as the models stand.
MIGRATION_MODULES = dict.fromkeys(["contenttypes", "auth", "sessions"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The faster of the two layers that channels_redis has.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [os.environ["YARDSTICK_REDIS_URL"]]},
    }
}
