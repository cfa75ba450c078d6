"""The ASGI door: HTTP goes to Django, sockets to the consumers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")
django_http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 Django must be set up before models are imported
from django.conf import settings  # noqa: E402

from livecaller.core.body_limit import BodyLimit  # noqa: E402
from livecaller.routing import websocket_routes  # noqa: E402

# The largest body is a file in its form.
http = BodyLimit(django_http, most=settings.ATTACHMENT_MAX_BYTES + 64 * 1024)
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_routes)})
