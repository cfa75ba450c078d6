"""Addresses of the demonstration shop: a stranger's site, on a host without sessions."""

from django.urls import path

from livecaller.website import shop_views

handler400 = "livecaller.website.errors.bad_request"
handler403 = "livecaller.website.errors.forbidden"
handler404 = "livecaller.website.errors.not_found"
handler500 = "livecaller.website.errors.failed"

urlpatterns = [
    path("", shop_views.home, name="shop_home"),
    path("sofas/<slug:name>/", shop_views.product, name="shop_product"),
    path("delivery/", shop_views.delivery, name="shop_delivery"),
    path("privacy/", shop_views.privacy, name="shop_privacy"),
]
