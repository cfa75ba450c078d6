"""A browser's session with a widget: begun, continued, forgotten."""

from dataclasses import dataclass

from livecaller.core.actors import EndUserActor, SystemActor
from livecaller.core.errors import NotFoundError
from widget.actors import actor_of
from widget.events import browser_forgotten
from widget.models import EndUser, VisitorToken, Widget
from widget.options import locale_of
from widget.rules import require_live
from widget.selectors import get_widget, token_of
from widget.services.browsers import IssuedToken, enter_visit, issue_token, retention_end, revoke_token
from widget.services.identity import become
from widget.tokens import claims_of
from widget.visits import Page

STORAGE_DAYS_MOST = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a browser brings when it opens a session; `user_agent` is looked at and forgotten."""

    presented: str = ""
    jwt: str | None = None
    locale: str = ""
    page: Page | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A session under way; `text` is the token that the browser keeps for at most `storage_days`."""

    token: VisitorToken
    text: str
    actor: EndUserActor
    storage_days: int

    @property
    def end_user(self) -> EndUser:
        """The person behind the browser."""
        person: EndUser = self.token.end_user
        return person


def start_session(*, actor: SystemActor, widget: Widget, opening: Opening) -> StartedSession:
    """Recall the person behind a browser, or make a new one, and open or continue their visit.

    A `jwt` decides who it is, whatever the browser remembers. Where the widget requires identity, a browser
    without one is always a stranger: it may talk, and never sees an earlier history. Runs inside the tenant;
    raises `NotLiveError` and `InvalidError` (a refused jwt) with nothing stored.
    """
    if actor.organization_id != widget.organization_id:
        raise NotFoundError
    require_live(widget)
    issued = _issued(widget, opening)
    _refresh(issued.row, widget, opening.locale)
    enter_visit(issued.row, widget, page=opening.page, user_agent=opening.user_agent)
    return StartedSession(issued.row, issued.text, actor_of(issued.row, widget), storage_days_of(widget))


def record_page(*, actor: EndUserActor, token: VisitorToken, page: Page, user_agent: str) -> None:
    """Add the page that the browser shows now to its visit; after half an hour of silence, to a new one."""
    widget = get_widget(actor, actor.widget_id)
    require_live(widget)
    enter_visit(token, widget, page=page, user_agent=user_agent)


def forget_browser(*, actor: EndUserActor, token: VisitorToken) -> None:
    """Kill the browser's token and close its sockets; what was said stays until its retention ends."""
    if token.end_user_id != actor.end_user_id:
        raise NotFoundError
    revoke_token(token)
    browser_forgotten(token.pk)


def storage_days_of(widget: Widget) -> int:
    """Return for how many days a browser keeps its token: never longer than the data lives."""
    return min(STORAGE_DAYS_MOST, widget.organization.retention_days)


def _issued(widget: Widget, opening: Opening) -> IssuedToken:
    known = token_of(widget, opening.presented) if opening.presented else None
    if opening.jwt:
        presented = IssuedToken(known, opening.presented) if known else None
        return become(widget, presented, claims_of(widget, opening.jwt))
    if known is None or widget.requires_identity:
        return issue_token(_stranger(widget))
    return IssuedToken(known, opening.presented)


def _stranger(widget: Widget) -> EndUser:
    return EndUser.objects.create(
        organization_id=widget.organization_id,
        widget=widget,
        locale=widget.default_locale,
        expires_at=retention_end(widget),
    )


def _refresh(token: VisitorToken, widget: Widget, locale: str) -> None:
    """Let person and token live for another retention period from now, and remember their language."""
    until = retention_end(widget)
    person = token.end_user
    person.locale = locale_of(locale, default=person.locale)
    person.expires_at = max(person.expires_at, until)
    person.save(update_fields=["locale", "expires_at"])
    token.expires_at = until
    token.save(update_fields=["expires_at"])
