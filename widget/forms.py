"""Forms of a widget's settings. What a value must be is decided in `widget.options`; the forms ask for it."""

from collections.abc import Mapping
from typing import Any  # form keywords and cleaned values

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from livecaller.core.errors import InvalidError
from livecaller.core.forms import StrictForm
from widget.look import DEFAULT_COLOR
from widget.models import Widget
from widget.options import NAME_LENGTH, NOTICE_URL_LENGTH, TEXTS, form_of, offered_locales

_RULES = [("required", _("Must be filled in")), ("optional", _("May be filled in")), ("hidden", _("Not asked"))]
_FORM_LABELS = {"name": _("Name"), "email": _("E-mail"), "phone": _("Phone"), "topic": _("What it is about")}


class SectionForm(StrictForm):
    """One part of the settings: it starts with what the widget has and gives the changes back."""

    @classmethod
    def of(cls, widget: Widget, data: Any = None) -> "SectionForm":
        """Return the form filled with what was sent, or with what the widget has."""
        return cls(data, initial=cls.initial_of(widget))

    @staticmethod
    def initial_of(widget: Widget) -> dict[str, Any]:
        """Return the widget's present values by field."""
        raise NotImplementedError

    def changes(self) -> dict[str, object]:
        """Return what `change_widget` is to store; the form must be valid."""
        return dict(self.cleaned_data)

    def explain(self, refusal: InvalidError) -> None:
        """Show a refusal of the service beside the fields it is about."""
        for name, lines in (refusal.fields or {"": [refusal.message]}).items():
            self.add_error(name if name in self.fields else None, list(lines))


class LookForm(SectionForm):
    """How the widget looks on the page."""

    color = forms.CharField(
        label=_("Colour"),
        max_length=7,
        help_text=_("It is darkened where text on it could not be read."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    position = forms.ChoiceField(
        label=_("Place"),
        choices=[
            ("end", _("Right (left where text runs from right to left)")),
            ("start", _("Left (right where text runs from right to left)")),
        ],
    )
    launcher = forms.ChoiceField(
        label=_("Button"),
        choices=[("bubble", _("Round button")), ("hidden", _("No button: your page opens the chat"))],
    )
    theme = forms.ChoiceField(
        label=_("Brightness"),
        choices=[("auto", _("As the visitor's system")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    @staticmethod
    def initial_of(widget: Widget) -> dict[str, Any]:
        return {"color": DEFAULT_COLOR, "position": "end", "launcher": "bubble", "theme": "auto", **widget.look}

    def changes(self) -> dict[str, object]:
        return {"look": dict(self.cleaned_data)}


class TextsForm(SectionForm):
    """What the widget says in one language."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), required=False, max_length=TEXTS["title"], help_text=_("Over the chat."))
    greeting = forms.CharField(
        label=_("Greeting"),
        required=False,
        max_length=TEXTS["greeting"],
        help_text=_("A card beside the button. Left empty, there is none."),
    )
    intro = forms.CharField(
        label=_("Before the first message"),
        required=False,
        max_length=TEXTS["intro"],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    offline = forms.CharField(
        label=_("When nobody is there"),
        required=False,
        max_length=TEXTS["offline"],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @classmethod
    def for_language(cls, widget: Widget, language: str) -> "TextsForm":
        """Return the form with what the widget says in `language`."""
        return cls(initial={"language": language, **widget.texts.get(language, {})})

    def changes(self) -> dict[str, object]:
        return {"texts": {self.cleaned_data["language"]: {name: self.cleaned_data[name] for name in TEXTS}}}


class PreChatForm(SectionForm):
    """What the widget asks before the first message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _FORM_LABELS.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=_RULES)

    @staticmethod
    def initial_of(widget: Widget) -> dict[str, Any]:
        return form_of(widget.form)

    def changes(self) -> dict[str, object]:
        return {"form": dict(self.cleaned_data)}


class SitesForm(SectionForm):
    """The sites whose pages may show the widget."""

    allowed_origins = forms.CharField(
        label=_("Addresses, one a line"),
        required=False,
        max_length=6000,
        help_text=_("Exactly as in the address bar, without the page: https://www.example.com"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "dir": "ltr"}),
    )

    @staticmethod
    def initial_of(widget: Widget) -> dict[str, Any]:
        return {"allowed_origins": "\n".join(widget.allowed_origins)}

    def changes(self) -> dict[str, object]:
        return {"allowed_origins": self.cleaned_data["allowed_origins"].split()}


class GeneralForm(SectionForm):
    """Name, languages, notice, and whether the widget is on."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, help_text=_("Only your team sees it."))
    notice_url = forms.CharField(
        label=_("Your privacy notice"),
        required=False,
        max_length=NOTICE_URL_LENGTH,
        help_text=_("Its address, linked before the first message."),
        widget=forms.URLInput(attrs={"dir": "ltr"}),
    )
    default_locale = forms.ChoiceField(
        label=_("Language when the visitor's is not offered"), choices=settings.LANGUAGES
    )
    locales = forms.MultipleChoiceField(
        label=_("Languages offered"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(
        label=_("Switched on"), required=False, help_text=_("Switched off, your pages show no widget.")
    )

    @staticmethod
    def initial_of(widget: Widget) -> dict[str, Any]:
        return {
            "name": widget.name,
            "notice_url": widget.notice_url,
            "default_locale": widget.default_locale,
            "locales": offered_locales(widget.locales),
            "is_active": widget.is_active,
        }


class IdentityForm(SectionForm):
    """Whether earlier conversations are shown to verified customers only."""

    requires_identity = forms.BooleanField(
        label=_("Show earlier conversations to verified customers only"),
        required=False,
        help_text=_("Everybody else starts anew on each page."),
    )

    @staticmethod
    def initial_of(widget: Widget) -> dict[str, Any]:
        return {"requires_identity": widget.requires_identity}


class NewWidgetForm(SectionForm):
    """A new widget: what the team calls it and where it will stand."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, help_text=_("Only your team sees it."))
    site = forms.CharField(
        label=_("Your site"),
        max_length=300,
        help_text=_("The address of the site that will show it: https://www.example.com"),
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "url"}),
    )

    def changes(self) -> dict[str, object]:
        return {"name": self.cleaned_data["name"], "allowed_origins": [self.cleaned_data["site"]]}

    def explain(self, refusal: InvalidError) -> None:
        fields = dict(refusal.fields or {})
        if "allowed_origins" in fields:
            fields["site"] = fields.pop("allowed_origins")
        super().explain(InvalidError(refusal.message, fields=fields))


class OriginForm(StrictForm):
    """An origin to allow, as it was seen."""

    origin = forms.CharField(max_length=255)


SECTIONS: Mapping[str, type[SectionForm]] = {
    "look": LookForm,
    "texts": TextsForm,
    "form": PreChatForm,
    "sites": SitesForm,
    "general": GeneralForm,
}
