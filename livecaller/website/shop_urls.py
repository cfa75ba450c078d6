"""Addresses of the demonstration shop: a stranger's site, on a host without sessions."""

from django.urls import path

from livecaller.website import shop_views

urlpatterns = [
    path("", shop_views.home, name="shop_home"),
    path("sofas/<slug:name>/", shop_views.product, name="shop_product"),
    path("delivery/", shop_views.delivery, name="shop_delivery"),
]
