"""Addresses of the files host: nothing but files."""

from django.urls import path

from chats.file_views import FileView

urlpatterns = [path("f/<str:token>/<str:name>", FileView.as_view(), name="file")]
