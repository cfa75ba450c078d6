"""In which language somebody is spoken to, by what their browser sends along."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils import translation


def language_of(*, cookies: Mapping[str, str], accepted: str) -> str:
    """Return one of our languages: the one chosen on the site, else the best of an `Accept-Language` header."""
    request = HttpRequest()
    request.COOKIES = dict(cookies)
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(request)
