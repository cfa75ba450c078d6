"""Addresses of the widget host: the loader, the frame and the end-user's API. No session, no console."""

from django.urls import include, path

from chats.selectors.people import available_in
from widget.host_views import frame

handler400 = "livecaller.website.errors.bad_request"
handler403 = "livecaller.website.errors.forbidden"
handler404 = "livecaller.website.errors.not_found"
handler500 = "livecaller.website.errors.failed"

urlpatterns = [
    path("", include("widget.host_urls")),
    path("frame/<str:public_key>", frame, {"is_available": available_in}, name="frame"),
    path("api/v1/widget/<str:public_key>/", include("chats.widget_urls")),
]
