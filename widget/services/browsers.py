"""The pieces that sessions are made of: tokens of browsers and the visits they are in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from widget.models import EndUser, Visit, VisitorToken, Widget
from widget.selectors import hash_of
from widget.visits import Page, browser_of, device_of

SILENCE = timedelta(minutes=30)
PAGES_KEPT = 20
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token's row, and the text that only its browser has."""

    row: VisitorToken
    text: str


def retention_end(widget: Widget) -> datetime:
    """Return when data of this widget that is touched now has to be gone."""
    return timezone.now() + timedelta(days=widget.organization.retention_days)


def issue_token(person: EndUser, visit: Visit | None = None) -> IssuedToken:
    """Store a new token of the person's browser; it lives as long as the person's own row."""
    text = secrets.token_urlsafe(_TOKEN_BYTES)
    row = VisitorToken.objects.create(
        organization_id=person.organization_id,
        end_user=person,
        visit=visit,
        token_hash=hash_of(text),
        expires_at=person.expires_at,
    )
    return IssuedToken(row, text)


def revoke_token(token: VisitorToken) -> None:
    """Make a token open nothing from now on."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])


def enter_visit(token: VisitorToken, widget: Widget, *, page: Page | None, user_agent: str) -> Visit:
    """Continue the browser's visit, or begin one after half an hour of silence, and add `page` to it.

    Locks the visit's row: two tabs report their pages at once.
    """
    now = timezone.now()
    visit = _current_visit(token, now) or _new_visit(token, widget, page, user_agent)
    visit.last_seen_at = now
    if page is not None:
        visit.pages = _with_page(visit.pages, page, now)
    visit.save()
    if token.visit_id != visit.pk:
        token.visit = visit
        token.save(update_fields=["visit"])
    return visit


def _current_visit(token: VisitorToken, now: datetime) -> Visit | None:
    if token.visit_id is None:
        return None
    return (
        Visit.objects.select_for_update()
        .filter(pk=token.visit_id, end_user_id=token.end_user_id, last_seen_at__gt=now - SILENCE)
        .first()
    )


def _new_visit(token: VisitorToken, widget: Widget, page: Page | None, user_agent: str) -> Visit:
    return Visit(
        organization_id=token.organization_id,
        end_user_id=token.end_user_id,
        browser=browser_of(user_agent),
        device=device_of(user_agent),
        referrer_host=page.referrer_host if page else "",
        expires_at=retention_end(widget),
    )


def _with_page(pages: list[dict[str, str]], page: Page, now: datetime) -> list[dict[str, str]]:
    """Return the newest pages with `page` last; the same page again only gets its new title and time."""
    entry = {"url": page.url, "title": page.title, "at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    before = pages[:-1] if pages and pages[-1]["url"] == page.url else pages
    return [*before, entry][-PAGES_KEPT:]
