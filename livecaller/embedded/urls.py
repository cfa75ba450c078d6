"""Address of the mail catcher, for where mail is caught and not sent."""

from django.urls import path

from livecaller.embedded.views import mail

urlpatterns = [path("", mail, name="caught_mail")]
