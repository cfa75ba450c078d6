"""Addresses of the widgets' pages on the site host, below `widgets/`."""

from django.urls import path

from widget import views

urlpatterns = [
    path("", views.widgets, name="widgets"),
    path("new/", views.widget_create, name="widget_create"),
    path("<uuid:widget_id>/", views.widget_settings, name="widget_settings"),
    path("<uuid:widget_id>/settings/<str:section>/", views.widget_settings, name="widget_section"),
    path("<uuid:widget_id>/install/", views.widget_install, name="widget_install"),
    path("<uuid:widget_id>/allow/", views.widget_allow, name="widget_allow"),
    path("<uuid:widget_id>/identity/", views.widget_identity, name="widget_identity"),
    path("<uuid:widget_id>/secrets/", views.widget_secret_rotate, name="widget_secret_rotate"),
    path("<uuid:widget_id>/secrets/<uuid:secret_id>/retire/", views.widget_secret_retire, name="widget_secret_retire"),
]
