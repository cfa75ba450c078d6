"""The page that shows what would have been sent by mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from livecaller.embedded.mail import SHOWN, caught_mails


@require_safe
@never_cache
def mail(request: HttpRequest) -> HttpResponse:
    """List the newest caught mails with their text."""
    return render(request, "embedded/mail.html", {"mails": caught_mails(), "shown": SHOWN})
