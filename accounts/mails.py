"""The mails of accounts: rendered in the reader's language, as text and as HTML, with one link each."""

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.adapter import password_reset_url, verification_url
from accounts.models import Invitation, User
from accounts.services import invitation_token


def send_verification(user_id: UUID) -> None:
    """Mail the link that proves the person's address."""
    user = User.objects.get(pk=user_id)
    send("verification", to=user.email, locale=user.locale, context={"user": user, "url": verification_url(user)})


def send_account_exists(user_id: UUID) -> None:
    """Tell a person that somebody, perhaps they, signed up with their address again."""
    user = User.objects.get(pk=user_id)
    context = {
        "user": user,
        "url": settings.SITE_URL + reverse("account_login"),
        "reset_url": settings.SITE_URL + reverse("account_reset_password"),
    }
    send("account_exists", to=user.email, locale=user.locale, context=context)


def send_password_reset(user_id: UUID) -> None:
    """Mail the link that sets a new password."""
    user = User.objects.get(pk=user_id)
    send("password_reset", to=user.email, locale=user.locale, context={"user": user, "url": password_reset_url(user)})


def send_password_changed(user_id: UUID) -> None:
    """Tell a person that their password is another one now."""
    user = User.objects.get(pk=user_id)
    url = settings.SITE_URL + reverse("account_reset_password")
    send("password_changed", to=user.email, locale=user.locale, context={"user": user, "url": url})


def invitation_to_send(invitation_id: UUID) -> Invitation | None:
    """Return an invitation with what its mail names, or None when it is over. Call it inside the tenant."""
    invitation = Invitation.objects.select_related("organization", "invited_by").get(pk=invitation_id)
    over = invitation.accepted_at or invitation.revoked_at or invitation.is_expired
    return None if over else invitation


def send_invitation(invitation: Invitation) -> None:
    """Mail an invitation's link; outside the tenant, since no transaction waits for a mail server."""
    organization = invitation.organization
    path = reverse("invitation", args=[organization.pk, invitation_token(invitation.pk)])
    known = User.objects.filter(email=invitation.email).first()
    context = {
        "organization": organization,
        "inviter": invitation.invited_by.display_name,
        "url": settings.SITE_URL + path,
    }
    send("invitation", to=invitation.email, locale=known.locale if known else organization.locale, context=context)


def send(name: str, *, to: str, locale: str, context: dict[str, object]) -> None:
    """Render `templates/email/<name>.{subject.txt,txt,html}` in `locale` and send it.

    Raises what the mail server's connection does.
    """
    with translation.override(locale):
        context = {**context, "site_url": settings.SITE_URL, "language": locale}
        context["direction"] = "rtl" if translation.get_language_bidi() else "ltr"
        # A line break in a name would begin a header of its own.
        subject = " ".join(render_to_string(f"email/{name}.subject.txt", context).split())
        text = render_to_string(f"email/{name}.txt", context).strip() + "\n"
        html = render_to_string(f"email/{name}.html", {**context, "subject": subject})
    mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    mail.attach_alternative(html, "text/html")
    mail.send()
