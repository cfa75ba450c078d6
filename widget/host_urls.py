"""Addresses of the widget host that this app serves; `session` is chats', which adds threads to it."""

from django.urls import path, re_path

from widget import host_views
from widget.api import EndUserView, IdentifyView, PagesView

urlpatterns = [
    re_path(r"^w/(?P<name>loader-[0-9a-f]{12}\.js)$", host_views.pinned_loader, name="pinned_loader"),
    path("w/<str:public_key>.js", host_views.loader, name="loader"),
    path("api/v1/widget/<str:public_key>/identify", IdentifyView.as_view()),
    path("api/v1/widget/<str:public_key>/end-user", EndUserView.as_view()),
    path("api/v1/widget/<str:public_key>/pages", PagesView.as_view()),
]
