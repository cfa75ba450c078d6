"""Addresses of the demonstration shop: a stranger's site, on a host without sessions."""

from django.urls import path

from livecaller.website import shop

urlpatterns = [
    path("", shop.home, name="shop_home"),
    path("sofas/<slug:name>/", shop.product, name="shop_product"),
    path("delivery/", shop.delivery, name="shop_delivery"),
]
