"""The ASGI door: HTTP goes to Django, sockets to the consumers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 Django must be set up before models are imported

from livecaller.routing import websocket_routes  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_routes)})
