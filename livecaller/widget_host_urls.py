"""Addresses of the widget host: the loader, the frame and the end-user's API. No session, no console."""

from django.urls import include, path

urlpatterns = [
    path("", include("widget.host_urls")),
    path("api/v1/widget/<str:public_key>/", include("chats.widget_urls")),
]
