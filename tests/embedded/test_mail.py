"""Mails are kept whole, newest first, and shown as text."""

import stat
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from livecaller.embedded.mail import SHOWN, caught_mails
from livecaller.embedded.views import mail


@pytest.fixture(autouse=True)
def mail_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = "livecaller.embedded.mail.CatchingBackend"
    return tmp_path / "mail"


def test_mail_is_kept_with_every_part_and_only_for_its_owner(mail_folder: Path) -> None:
    message = EmailMultiAlternatives("Grüße ✓", "Hallo\nzweite Zeile", "a@example.com", ["b@example.com"])
    message.attach_alternative("<p>Hallo</p>", "text/html")
    assert message.send() == 1

    (file,) = mail_folder.iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"text/html" in file.read_bytes()
    (kept,) = caught_mails()
    assert (kept.subject, kept.sender, kept.recipients) == ("Grüße ✓", "a@example.com", "b@example.com")
    assert kept.text.split() == ["Hallo", "zweite", "Zeile"]
    assert kept.sent_at is not None


def test_newest_mail_comes_first_and_the_list_is_bounded() -> None:
    for number in range(SHOWN + 2):
        send_mail(f"Mail {number}", "", None, ["b@example.com"])
    assert [kept.subject for kept in caught_mails()] == [f"Mail {number}" for number in range(SHOWN + 1, 1, -1)]


def test_mail_without_a_recipient_is_not_kept(mail_folder: Path) -> None:
    assert get_connection().send_messages([EmailMultiAlternatives("Nobody", "", None, [])]) == 0
    assert not mail_folder.exists()


def test_disk_that_refuses_is_an_error_and_leaves_no_half_mail(mail_folder: Path) -> None:
    mail_folder.parent.joinpath("mail").write_text("a file stands where the folder should be")
    with pytest.raises(OSError, match="mail"):
        send_mail("Lost", "", None, ["b@example.com"])
    assert send_mail("Lost", "", None, ["b@example.com"], fail_silently=True) == 0


def test_page_shows_text_as_text_and_links_as_links() -> None:
    send_mail(
        "<script>alert(1)</script>",
        "Confirm: http://localhost:8437/confirm/a-b_c:1/\n<img src=x onerror=alert(2)> javascript:alert(3)",
        None,
        ['"<b>Eve</b>" <eve@example.com>'],
    )
    page = mail(RequestFactory().get("/mail/")).content.decode()
    assert '<a href="http://localhost:8437/confirm/a-b_c:1/" rel="nofollow">' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for markup in ("<script>alert", "<img", "<b>", 'href="javascript'):
        assert markup not in page


def test_page_is_never_cached_and_only_read() -> None:
    response = mail(RequestFactory().get("/mail/"))
    assert "no-store" in response["Cache-Control"]
    assert "No mail yet" in response.content.decode()
    assert mail(RequestFactory().post("/mail/")).status_code == 405
