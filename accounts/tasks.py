"""Mails about accounts, sent outside of web requests; asked for by `accounts.events.mail_requested`."""

from smtplib import SMTPException
from typing import Any  # Celery's options
from uuid import UUID

from celery import shared_task

from accounts import mails
from accounts.events import Mail
from livecaller.core.tenancy.context import tenant

_RETRY: dict[str, Any] = {
    "autoretry_for": (SMTPException, OSError),
    "retry_backoff": 10,
    "retry_backoff_max": 900,
    "max_retries": 8,
}


@shared_task(name=Mail.VERIFICATION.value, **_RETRY)
def send_verification_mail(user_id: str) -> None:
    """Mail the link that proves a person's address."""
    mails.send_verification(UUID(user_id))


@shared_task(name=Mail.ACCOUNT_EXISTS.value, **_RETRY)
def send_account_exists_mail(user_id: str) -> None:
    """Tell a person that their address was used to sign up again."""
    mails.send_account_exists(UUID(user_id))


@shared_task(name=Mail.PASSWORD_RESET.value, **_RETRY)
def send_password_reset_mail(user_id: str) -> None:
    """Mail the link that sets a new password."""
    mails.send_password_reset(UUID(user_id))


@shared_task(name=Mail.PASSWORD_CHANGED.value, **_RETRY)
def send_password_changed_mail(user_id: str) -> None:
    """Tell a person that their password was changed."""
    mails.send_password_changed(UUID(user_id))


@shared_task(name=Mail.INVITATION.value, **_RETRY)
def send_invitation_mail(organization_id: str, invitation_id: str) -> None:
    """Mail an invitation's link."""
    with tenant(UUID(organization_id)):
        invitation = mails.invitation_to_send(UUID(invitation_id))
    if invitation is not None:
        mails.send_invitation(invitation)
