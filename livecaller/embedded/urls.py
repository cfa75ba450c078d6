"""Addresses of the mail catcher: none where mail is really sent."""

from django.conf import settings
from django.urls import URLPattern, path

from livecaller.embedded.views import mail

urlpatterns: list[URLPattern] = [path("", mail, name="caught_mail")] if settings.MAIL_IS_CAUGHT else []
