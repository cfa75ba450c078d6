"""The base of every form on a page: strict about what it is sent."""

import unicodedata
from typing import Any  # Django's cleaned data

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Fields that the page itself adds to a form.
_PAGE_FIELDS = {"csrfmiddlewaretoken", "next"}
# Characters that turn text around and let one name pass for another.
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class StrictForm(forms.Form):
    """Refuses a submission that carries a field which the form does not have."""

    def clean(self) -> dict[str, Any]:
        """Return the cleaned data; adds an error that belongs to no field when something unknown was sent."""
        # First, so that a form which acts while it cleans, such as a sign-in, does not act.
        if set(self.data) - set(self.fields) - _PAGE_FIELDS:
            self.add_error(None, _("Something was sent that this form does not ask for."))
        return super().clean() or self.cleaned_data


class LineField(forms.CharField):
    """One line of text: no control characters and none that turn the reading direction."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if any(sign in TURNING or unicodedata.category(sign) == "Cc" for sign in value):
            raise ValidationError(_("Write this in one line, without control characters."))
