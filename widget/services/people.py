"""Changing what is known about an end-user: by the person, by the team, by the pre-chat form."""

from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.rules import require
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import ForbiddenError, InvalidError
from widget.events import end_user_updated
from widget.models import EndUser, Widget
from widget.options import form_of, one_line
from widget.rules import require_live
from widget.selectors import get_end_user, get_widget

LENGTHS = {"first_name": 80, "last_name": 80, "email": 254, "phone": 32}
ATTRIBUTES_MOST = 50
NAME_LENGTH, VALUE_LENGTH = 40, 255


def update_end_user(*, actor: EndUserActor, changes: Mapping[str, str]) -> EndUser:
    """Store what the person says about themselves (first_name, last_name, email, phone) and return them.

    Raises `ForbiddenError` when a verified person changes the address that the Client vouches for.
    """
    require_live(get_widget(actor, actor.widget_id))
    person = get_end_user(actor, actor.end_user_id, lock=True)
    values = cleaned_profile(changes)
    if person.is_verified and person.email and values.get("email", person.email) != person.email:
        raise ForbiddenError(_("Your e-mail address comes from the site you are signed in to. Change it there."))
    return _store(person, values)


def change_end_user(*, actor: OperatorActor, end_user_id: UUID, changes: Mapping[str, object]) -> EndUser:
    """Store what the team knows about a person and return them: the profile's fields and `attributes`.

    `attributes` replaces all of them. Raises `NotFoundError` and `InvalidError`.
    """
    require(actor, "end_user.write")
    person = get_end_user(actor, end_user_id, lock=True)
    profile = {name: str(value) for name, value in changes.items() if name != "attributes"}
    values: dict[str, object] = dict(cleaned_profile(profile))
    if "attributes" in changes:
        values["attributes"] = _attributes(changes["attributes"])
    record(
        "end_user.changed",
        actor=actor,
        subject_kind="end_user",
        subject_id=person.pk,
        details={"fields": ",".join(sorted(values))},
    )
    return _store(person, values)


def accept_form(*, actor: EndUserActor, widget: Widget, form: Mapping[str, str]) -> EndUser:
    """Store the pre-chat form (name, email, phone; topic is the conversation's) with the notice as accepted now.

    Raises `InvalidError` naming each required field that is neither given nor known already. What a verified
    person's site vouches for is not overwritten.
    """
    require_live(widget)
    person = get_end_user(actor, actor.end_user_id, lock=True)
    _require_fields(widget, person, form)
    values: dict[str, object] = {
        name: text
        for name, text in cleaned_profile(_columns(form)).items()
        if not (person.is_verified and getattr(person, name))
    }
    if person.notice_accepted_at is None:
        values["notice_accepted_at"] = timezone.now()
    return _store(person, values)


def cleaned_profile(changes: Mapping[str, str]) -> dict[str, str]:
    """Return profile values as they are stored; raises `InvalidError` naming every field that is wrong."""
    values = {name: one_line(text) for name, text in changes.items() if name in LENGTHS}
    errors = {name: ["This field is not known."] for name in changes if name not in LENGTHS}
    for name, text in values.items():
        if len(text) > LENGTHS[name]:
            errors[name] = [_("This is too long. Characters allowed: %(most)d.") % {"most": LENGTHS[name]}]
    if values.get("email"):
        values["email"] = values["email"].lower()
        if not _is_email(values["email"]):
            errors["email"] = [_("Write an e-mail address like name@example.com.")]
    if errors:
        raise InvalidError(fields=errors)
    return values


def split_name(name: str) -> dict[str, str]:
    """Return a name in one field as the two columns it is stored in."""
    first, _, last = one_line(name).partition(" ")
    return {"first_name": first, "last_name": last}


def _store(person: EndUser, values: Mapping[str, object]) -> EndUser:
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, values[name])
    if changed:
        person.save(update_fields=changed)
        end_user_updated(person)
    return person


def _require_fields(widget: Widget, person: EndUser, form: Mapping[str, str]) -> None:
    known = {"name": person.first_name, "email": person.email, "phone": person.phone}
    missing = [
        name
        for name, choice in form_of(widget.form).items()
        if choice == "required" and not one_line(form.get(name) or "") and not known.get(name)
    ]
    if missing:
        raise InvalidError(fields={f"form.{name}": [_("Fill in this field.")] for name in missing})


def _columns(form: Mapping[str, str]) -> dict[str, str]:
    columns = {name: form[name] for name in ("email", "phone") if form.get(name)}
    return {**columns, **split_name(form["name"])} if form.get("name") else columns


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _attributes(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping) or len(given) > ATTRIBUTES_MOST:
        raise InvalidError(fields={"attributes": [f"Give at most {ATTRIBUTES_MOST} named texts."]})
    attributes = {one_line(str(name)): one_line(str(value)) for name, value in given.items()}
    for name, value in attributes.items():
        if not 0 < len(name) <= NAME_LENGTH or len(value) > VALUE_LENGTH:
            sentence = f"Names have 1 to {NAME_LENGTH} characters, values at most {VALUE_LENGTH}."
            raise InvalidError(fields={"attributes": [sentence]})
    return attributes
