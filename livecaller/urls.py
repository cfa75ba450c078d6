"""Addresses of the site host: public pages, accounts, the console and the operators' API."""

from django.conf import settings
from django.urls import include, path

from accounts.urls import api_patterns as accounts_api

handler400 = "livecaller.website.errors.bad_request"
handler403 = "livecaller.website.errors.forbidden"
handler404 = "livecaller.website.errors.not_found"
handler429 = "livecaller.website.errors.too_many_requests"
handler500 = "livecaller.website.errors.failed"

urlpatterns = [
    path("", include("livecaller.website.urls")),
    path("", include("accounts.urls")),
    path("widgets/", include("widget.urls")),
    path("api/v1/", include(accounts_api)),
    path("api/v1/", include("chats.urls")),
]
if settings.MAIL_IS_CAUGHT:
    urlpatterns.append(path("mail/", include("livecaller.embedded.urls")))
