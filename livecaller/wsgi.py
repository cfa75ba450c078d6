"""The WSGI door, for pages and REST behind a threaded server; sockets need ASGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")
application = get_wsgi_application()
