"""Refusals as pages: a title and a sentence in the reader's language, and a way on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from livecaller.core.errors import LiveCallerError

_WORDS = {
    "invalid": (_("This request makes no sense to us"), _("Go back, check what you wrote and try again.")),
    "unauthenticated": (_("Log in first"), _("This page needs to know who you are.")),
    "forbidden": (
        _("This is not for you to see"),
        _("Your role does not allow it. Ask an owner of your organization."),
    ),
    "not_found": (_("There is nothing here"), _("The address is wrong, or what was here is not yours to see.")),
    "conflict": (_("That does not fit any more"), _("Somebody was faster. Go back, reload the page and try again.")),
    "gone": (_("This is gone"), _("It has been used, or it has expired.")),
    "rate_limited": (_("That was too fast"), _("Wait a moment and try again.")),
    "unavailable": (
        _("Back in a moment"),
        _("A part of LiveCaller does not answer. Nothing was stored. Try again in a moment."),
    ),
}
_OTHER = (_("That did not work"), _("Go back and try again."))


def refusal_page(request: HttpRequest, refusal: LiveCallerError) -> HttpResponse:
    """Return the refusal as a page. What a service says for itself is shown; our default sentences are translated."""
    title, sentence = _WORDS.get(refusal.code, _OTHER)
    own = refusal.message if refusal.message != refusal.default else sentence
    context = {"title": title, "sentence": own, "refusal": refusal}
    response = render(request, "site/refusal.html", context, status=refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response
