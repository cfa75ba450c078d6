"""Everything that LiveCaller wants from allauth, and the only file that knows it.

allauth guards sign-up, verification, sign-in, sign-out and passwords. Its mails are ours: each is a task that
gets ids and makes its link itself, so that no address and no token ever lies in the queue.
"""

from typing import Any, ClassVar  # Any: allauth is untyped
from urllib.parse import quote

from allauth.account import app_settings, views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.core.internal.ratelimit import get_ip
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path, reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import events
from accounts.forms import AddressField, NameField, PasswordField
from accounts.middleware import for_operator
from accounts.models import User
from accounts.session import begin
from livecaller.core.errors import LiveCallerError
from livecaller.core.forms import StrictForm
from livecaller.core.limits import Limit

# The network's own counters are allauth's (settings.ACCOUNT_RATE_LIMITS); these two are beyond one network.
SIGN_IN_ACCOUNT = Limit("sign_in_account", burst=30, seconds=3600, closed=True)
SIGN_IN_EVERYBODY = Limit("sign_in_everybody", burst=600, seconds=60, closed=True)
KNOWN_NETWORK_SECONDS = 30 * 24 * 3600

INVITED_ADDRESS = "account_verified_email"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Our answers to allauth's questions."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The address and the password do not belong together."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, or set a new password by e-mail."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your current password."),
        "invalid_password_reset": _("This link has been used or is too old. Ask for a new one."),
        "rate_limited": _("That was too fast. Wait a moment and try again."),
    }

    def is_safe_url(self, url: str) -> bool:
        """Say whether a page may send people to `url`: to a path of this site and nowhere else."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def save_user(self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """Store a new person with what the form adds to address and password."""
        user.full_name = form.cleaned_data["full_name"]
        user.locale = get_language() or settings.LANGUAGE_CODE
        user.declared_at = timezone.now()
        super().save_user(request, user, form, commit)
        return user

    def unstash_verified_email(self, request: HttpRequest) -> str | None:
        """Keep an invitation's address where it is: it proves itself and nothing else (`is_email_verified`)."""
        return None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count this try; raises `ValidationError` before any password is looked at.

        Beside the network's counters there is one per account over all networks. Networks from which the person
        has signed in before pass it, so that strangers cannot lock somebody out of their own account.
        """
        super().pre_authenticate(request, **credentials)
        address = credentials.get("email", "")
        try:
            SIGN_IN_EVERYBODY.take("everybody")
            if not cache.get(_known_network_key(request, address)):
                SIGN_IN_ACCOUNT.take(address)
        except LiveCallerError:
            raise self.validation_error("too_many_login_attempts") from None

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign a person in: a new session id, its clocks, and a network that we know from now on."""
        super().login(request, user)
        begin(request)
        cache.set(_known_network_key(request, user.email), 1, KNOWN_NETWORK_SECONDS)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on in the person's own language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        request.session.pop(INVITED_ADDRESS, None)
        set_language_cookie(response, user.locale)
        return response

    def logout(self, request: HttpRequest) -> None:
        """Sign out and close this browser's sockets."""
        key = request.session.session_key
        super().logout(request)
        events.session_ended(key)

    def set_password(self, user: User, password: str) -> None:
        """Change a password, close the person's sockets everywhere and tell them by mail."""
        super().set_password(user, password)
        events.password_changed(user.pk)
        events.mail_requested(events.Mail.PASSWORD_CHANGED, user.pk)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the profile."""
        return reverse("profile")

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:  # noqa: FBT001
        """Mail the link that proves the address."""
        events.mail_requested(events.Mail.VERIFICATION, emailconfirmation.email_address.user_id)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Mail the link that sets a new password."""
        events.mail_requested(events.Mail.PASSWORD_RESET, user.pk)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of a known address that somebody signed up with it."""
        user = User.objects.filter(email=email.lower()).first()
        if user is not None:
            events.mail_requested(events.Mail.ACCOUNT_EXISTS, user.pk)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse: every mail has a task of its own."""
        raise NotImplementedError(template_prefix)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Per account *and* network: a stranger elsewhere uses up their own tries, not the person's.
        return f"{credentials.get('email', '').lower()}:{get_ip(request)}"


class SignInForm(StrictForm, LoginForm):  # type: ignore[misc]
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "login": AddressField(),
            "password": PasswordField(purpose="current-password", label=_("Password")),
        }


class SignUpForm(StrictForm, SignupForm):  # type: ignore[misc]
    """Who signs up, and the statement that they may."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "full_name": NameField(label=_("Full name"), widget=forms.TextInput(attrs={"autocomplete": "name"})),
            "email": AddressField(label=_("Work e-mail")),
            "password1": PasswordField(
                purpose="new-password",
                label=_("Password"),
                help_text=_("At least 12 characters. A few words in a row are easier to remember than signs."),
            ),
            "is_entitled": forms.BooleanField(
                label=_("I am 18 or older and entitled to act for the organization I sign up for.")
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "password1" in cleaned and not self.has_error("password1"):
            person = User(email=cleaned.get("email", ""), full_name=cleaned.get("full_name", ""))
            try:
                validate_password(cleaned["password1"], person)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: HttpRequest) -> Any:
        """Store the person, or do the same amount of work when the address is known already."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class PasswordForgottenForm(StrictForm, ResetPasswordForm):  # type: ignore[misc]
    """The address to which the link goes, if it is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = AddressField()


class NewPasswordForm(StrictForm, ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password, once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, forms.Field] = {"password1": _new_password_field(self.fields["password1"])}


class PasswordChangeForm(StrictForm, ChangePasswordForm):  # type: ignore[misc]
    """The current password and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, forms.Field] = {
            "oldpassword": PasswordField(purpose="current-password", label=_("Current password")),
            "password1": _new_password_field(self.fields["password1"]),
        }


def account_routes() -> list[URLPattern]:
    """Return the pages that allauth serves for us; those it offers beyond these do not exist here."""
    return [
        path("login/", views.login, name="account_login"),
        path("logout/", views.logout, name="account_logout"),
        # All rows of a new person or none.
        path("signup/", transaction.atomic(views.signup), name="account_signup"),
        path("inactive/", views.account_inactive, name="account_inactive"),
        path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
        re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.confirm_email, name="account_confirm_email"),
        # Where allauth sends people who have no password yet: we have none such, and a reset gives one.
        path("password/reset/", views.password_reset, name="account_set_password"),
        path("password/change/", for_operator(views.password_change), name="account_change_password"),
        path("password/reset/", views.password_reset, name="account_reset_password"),
        path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
        re_path(
            r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            views.password_reset_from_key,
            name="account_reset_password_from_key",
        ),
        path(
            "password/reset/key/done/",
            views.password_reset_from_key_done,
            name="account_reset_password_from_key_done",
        ),
    ]


def verification_url(user: User) -> str:
    """Return the address that proves the person's e-mail; it works until used, three days at most."""
    sync_user_email_address(user)
    address = EmailAddress.objects.get(user_id=user.pk, email=user.email)
    return settings.SITE_URL + reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])


def password_reset_url(user: User) -> str:
    """Return the address that sets a new password; it works once, for an hour."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    route = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.SITE_URL + route.replace("UID-KEY", quote(f"{user_pk_to_url_str(user)}-{token}"))


def prove_address(user: User) -> None:
    """Mark the person's address as verified, for people whom we make ourselves."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def has_proven_address(user: User) -> bool:
    """Say whether the person has shown that their address is theirs."""
    return bool(EmailAddress.objects.filter(user_id=user.pk, email=user.email, verified=True).exists())


def network_of(request: HttpRequest) -> str:
    """Return the network a request comes from: an IPv4 address, or the first 64 bits of an IPv6 one."""
    return str(get_ip(request))


def remember_invited(request: HttpRequest, address: str) -> None:
    """Let this browser sign up with `address` without another mail: the invitation's link came by that one."""
    request.session[INVITED_ADDRESS] = address


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """Remember the language in this browser for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def _new_password_field(field: forms.Field) -> forms.Field:
    """Give allauth's field, which checks the password against the person, our words and limits."""
    field.label = _("New password")
    field.help_text = _("At least 12 characters. A few words in a row are easier to remember than signs.")
    field.max_length = 256  # type: ignore[attr-defined]
    del field.widget.attrs["placeholder"]
    return field


def _known_network_key(request: HttpRequest, address: str) -> str:
    # Keyed, so that neither address nor network can be read or guessed from the key.
    digest = salted_hmac("accounts.known_network", f"{address.lower()}:{get_ip(request)}", algorithm="sha256")
    return f"sign_in_known:{digest.hexdigest()}"
