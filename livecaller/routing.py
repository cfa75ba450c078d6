"""Which consumer answers which socket address; both are served by every web process."""

from django.urls import path

from chats.consumers import InboxConsumer, WidgetConsumer

websocket_routes = [
    path("ws/inbox", InboxConsumer.as_asgi()),
    path("ws/widget", WidgetConsumer.as_asgi()),
]
