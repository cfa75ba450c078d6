"""The yardstick's door."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.chat.usual.settings"

from django.core.asgi import get_asgi_application

django_http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 Django must be set up before models are imported
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from tests.bench.chat.usual.consumer import ChatConsumer  # noqa: E402

sockets = AuthMiddlewareStack(URLRouter([path("ws", ChatConsumer.as_asgi())]))
application = ProtocolTypeRouter({"http": django_http, "websocket": AllowedHostsOriginValidator(sockets)})
