"""What the frame's document carries: its configuration, and a policy that only the Client's pages pass."""

from django.conf import settings

from widget.look import public_look
from widget.models import Widget
from widget.options import form_of, offered_locales, public_name_of
from widget.services.sessions import storage_days_of

_SOCKET_ORIGIN = settings.WIDGET_URL.replace("http", "ws", 1)
PERMISSIONS = (
    "microphone=(self), camera=(self), display-capture=(self), autoplay=(self), fullscreen=(self), "
    "clipboard-write=(self), geolocation=(), payment=(), usb=(), browsing-topics=()"
)


def config_of(widget: Widget, *, is_available: bool) -> dict[str, object]:
    """Return the app's configuration (docs/realtime.md, `WidgetConfig`): nothing personal, the same for everybody."""
    return {
        "publicKey": widget.public_key,
        "name": public_name_of(widget),
        "organizationName": widget.organization.name,
        "look": public_look(widget.look),
        "texts": widget.texts,
        "form": form_of(widget.form),
        "noticeUrl": widget.notice_url,
        "locales": offered_locales(widget.locales),
        "defaultLocale": widget.default_locale,
        "storageDays": storage_days_of(widget),
        "retentionDays": widget.organization.retention_days,
        "allowedOrigins": widget.allowed_origins,
        "apiUrl": f"{settings.WIDGET_URL}/api/v1/widget/{widget.public_key}/",
        "socketUrl": f"{_SOCKET_ORIGIN}/ws/widget",
        "filesUrl": settings.FILES_URL,
        "available": is_available,
    }


def policy_of(widget: Widget) -> str:
    """Return the Content-Security-Policy: own scripts only, framed by the widget's allowed origins only."""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {settings.FILES_URL}",
        "media-src": f"'self' blob: {settings.FILES_URL}",
        "font-src": "'self'",
        "connect-src": f"'self' {_SOCKET_ORIGIN}",
        "frame-ancestors": " ".join(["'self'", *widget.allowed_origins]),
        "base-uri": "'none'",
        "form-action": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())
