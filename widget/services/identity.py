"""Becoming a customer that the Client's server vouches for."""

from django.db import connection
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from livecaller.core.actors import EndUserActor
from livecaller.core.errors import ForbiddenError, NotFoundError
from widget.events import browser_replaced, end_user_updated
from widget.models import EndUser, VisitorToken, Widget
from widget.rules import require_live
from widget.services.browsers import IssuedToken, enter_visit, issue_token, retention_end, revoke_token
from widget.signals import end_users_joined
from widget.tokens import Claims, claims_of


def identify(*, actor: EndUserActor, widget: Widget, presented: IssuedToken, jwt: str, user_agent: str) -> IssuedToken:
    """Make the browser's person the customer named by `jwt` and return the browser's token from now on.

    Raises `InvalidError` saying why a jwt is refused, with nothing changed.
    """
    if presented.row.end_user_id != actor.end_user_id:
        raise NotFoundError
    require_live(widget)
    issued = become(widget, presented, claims_of(widget, jwt))
    enter_visit(issued.row, widget, page=None, user_agent=user_agent)
    return issued


def become(widget: Widget, presented: IssuedToken | None, claims: Claims) -> IssuedToken:
    """Return a token of the customer named by `claims`: the presented one when it is theirs already.

    Otherwise the browser gets a new one and the old one dies, so that whoever knew it (on a shared computer)
    does not become the customer too. What was said before comes along only where `_may_join` allows it.
    """
    _wait_for_turn(widget, claims.subject)
    stranger = presented.row.end_user if presented else None
    known = _known(widget, claims.subject)
    if presented and known and presented.row.end_user_id == known.pk:
        _vouch(known, claims)
        presented.row.end_user = known
        return presented
    joins = presented is not None and _may_join(presented.row, claims)
    person = known or (stranger if joins and stranger else _newcomer(widget))
    _vouch(person, claims)
    return _exchange(presented, person, joins=joins)


def _exchange(presented: IssuedToken | None, person: EndUser, *, joins: bool) -> IssuedToken:
    if presented is None:
        end_user_updated(person)
        return issue_token(person)
    old, stranger = presented.row, presented.row.end_user
    visit = old.visit if joins else None
    revoke_token(old)
    browser_replaced(old.pk)
    replaced = stranger.pk if joins and stranger.pk != person.pk else None
    if replaced:
        _take_over(person, stranger)
    end_user_updated(person, replaces=replaced)
    return issue_token(person, visit)


def _wait_for_turn(widget: Widget, subject: str) -> None:
    """Let one browser at a time become this customer, so that there is only ever one row of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{widget.pk}:{subject}"])


def _known(widget: Widget, subject: str) -> EndUser | None:
    people = EndUser.all_states.filter(widget=widget, external_id=subject)
    # Past its retention a row may still wait for its deletion; it must not be found again.
    people.filter(expires_at__lte=Now()).update(external_id="", is_verified=False)
    person = people.select_for_update().first()
    if person is not None and person.restricted_at is not None:
        raise ForbiddenError(_("This person's data is restricted at the moment."))
    return person


def _may_join(token: VisitorToken, claims: Claims) -> bool:
    """Say whether what this browser said as a stranger is surely the customer's own.

    Only when the stranger was never anybody else, gave no other address, and has no second browser.
    """
    stranger = token.end_user
    if stranger.external_id or stranger.email not in {"", claims.profile.get("email", "")}:
        return False
    others = VisitorToken.objects.filter(end_user=stranger, revoked_at__isnull=True).exclude(pk=token.pk)
    return not others.exists()


def _newcomer(widget: Widget) -> EndUser:
    return EndUser(
        organization_id=widget.organization_id,
        widget=widget,
        locale=widget.default_locale,
        expires_at=retention_end(widget),
    )


def _vouch(person: EndUser, claims: Claims) -> None:
    person.external_id, person.is_verified = claims.subject, True
    person.expires_at = max(person.expires_at, retention_end(person.widget))
    for column, value in claims.profile.items():
        setattr(person, column, value)
    person.save()


def _take_over(person: EndUser, stranger: EndUser) -> None:
    """Give everything that points to the stranger to the person and delete the stranger.

    Whatever a higher app keeps about end-users is found by its reference, so this need not know the app; what it
    keeps without one follows by `widget.signals.end_users_joined`.
    """
    for relation in EndUser._meta.related_objects:
        if relation.related_model is not VisitorToken:
            name = relation.field.name
            rows = relation.related_model._meta.base_manager.filter(**{name: stranger})
            rows.update(**{name: person})
    stranger_id = stranger.pk
    stranger.delete()
    end_users_joined.send(EndUser, organization_id=person.organization_id, person_id=person.pk, stranger_id=stranger_id)
