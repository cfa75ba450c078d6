"""Forms of people and organizations: strict about what they are sent, plain in what they say."""

from typing import Any  # Django's form keywords
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.enums import RETENTION_DAYS, Role
from livecaller.core.forms import LineField, StrictForm


class NameField(LineField):
    """What a person or an organization is called. It stands in mails to strangers, so it carries no links."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if "://" in value or "www." in value.lower():
            raise ValidationError(_("Write a name, not a web address."))


class AddressField(forms.EmailField):
    """An e-mail address, kept in lower case so that equality finds it by index."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("E-mail"))
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}))
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class PasswordField(forms.CharField):
    """A password as typed, spaces included; `purpose` is the browser's hint: current-password or new-password."""

    def __init__(self, *, purpose: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": purpose})
        # Hashing a megabyte would be a gift to whoever sends many.
        super().__init__(strip=False, max_length=256, widget=widget, **kwargs)


class OrganizationForm(StrictForm):
    """What a new organization is called."""

    name = NameField(
        label=_("Name of your organization"), widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )


class OrganizationSettingsForm(StrictForm):
    """What an organization's owner or admin may set."""

    name = NameField(label=_("Name"), help_text=_("Your customers see it in the widget."))
    locale = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("The language of invitations.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times in the audit log are shown in it."))
    retention_days = forms.TypedChoiceField(
        label=_("Keep conversations"),
        coerce=int,
        choices=[(days, days) for days in RETENTION_DAYS],
        help_text=_("Then the text, files and visitor details of a conversation are deleted."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in ["UTC", *zones]]  # type: ignore[attr-defined]
        self.fields["retention_days"].choices = [  # type: ignore[attr-defined]
            (days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in RETENTION_DAYS
        ]


class ProfileForm(StrictForm):
    """What a person says about themselves."""

    full_name = NameField(
        label=_("Full name"),
        help_text=_("Only LiveCaller and your colleagues see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    display_name = NameField(label=_("Display name"), help_text=_("Visitors see it when you answer."))
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class InvitationForm(StrictForm):
    """Whom to invite, and as what; `roles` are those the inviting member may give."""

    email = AddressField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in reversed(roles)]  # type: ignore[attr-defined]


class RoleForm(StrictForm):
    """The new role of a member."""

    role = forms.ChoiceField(choices=Role.choices)


class SwitchForm(StrictForm):
    """The organization to work in."""

    organization = forms.UUIDField()
