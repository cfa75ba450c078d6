"""The table of rule "bodies are text": what a person can fill in, and the views that show it.

`test_hostile_table.py` holds it against the code: a text column, a text that an address accepts, a field of a form or
a page that is not here fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.e2e import hostile_stage as scene
from tests.e2e.hostile_text import ADDRESS, EVIL, as_line


@dataclass(frozen=True)
class Row:
    """Words of one field as every view in `views` shows them; each field has its own, so none stands in for another."""

    words: tuple[str, ...]
    views: frozenset[str]


def _row(words: str | tuple[str, ...], views: str) -> Row:
    return Row((words,) if isinstance(words, str) else words, frozenset(views.split()))


def _mark(number: int) -> str:
    """Return a payload of 31 characters: it fits the shortest field."""
    return f"<img src=x onerror=__pwned={number}>"


def _long_mark(number: int) -> str:
    return f"{_mark(number)}\"'><b>{{{{7*7}}}}{{% debug %}}&lt;</b></script></style> javascript:__pwned={number}"


FIRST_NAME, LAST_NAME, PHONE, KEY = _mark(101), _mark(102), _mark(103), _mark(104)
SUBJECT, VALUE, PAGE, PAGE_TITLE = _long_mark(105), _long_mark(106), f"/{_mark(107)}", _long_mark(108)
REFERRER = f"<img src=x onerror=__pwned=109>.{EVIL}"
VISITOR_SAYS, OPERATOR_SAYS, NOTE, FILE = _long_mark(110), _long_mark(111), _long_mark(112), f"{_mark(113)}.txt"
GIVEN = {"name": f"{_mark(116)} of the page", "email": ADDRESS, "phone": _mark(117)}
FILTER, DRAFT = _long_mark(118), _long_mark(119)

ROWS: Mapping[str, Row] = {
    # About end-users.
    "EndUser.first_name": _row(FIRST_NAME, "list thread contact api alert"),
    "EndUser.last_name": _row(LAST_NAME, "list thread contact api alert"),
    "EndUser.email": _row(ADDRESS, "thread contact api"),
    "EndUser.phone": _row(PHONE, "thread contact api"),
    "EndUser.external_id": _row(SUBJECT, "thread api"),
    "EndUser.attributes": _row((KEY, VALUE), "thread api"),
    "Visit.referrer_host": _row(REFERRER, "thread api"),
    "Visit.pages": _row((PAGE, PAGE_TITLE), "thread api"),
    "Conversation.page_url": _row(PAGE, "thread api"),
    "Conversation.page_title": _row(PAGE_TITLE, "thread api"),
    "Conversation.last_body": _row(OPERATOR_SAYS, "list api"),
    "Conversation.last_author_name": _row(scene.DISPLAY_NAME, "list api"),
    "Message.body": _row((VISITOR_SAYS, OPERATOR_SAYS), "thread chat api"),
    "Message.author_name": _row(scene.DISPLAY_NAME, "thread chat api"),
    "Note.body": _row(NOTE, "thread api"),
    "Note.author_name": _row(scene.DISPLAY_NAME, "thread api"),
    "Attachment.name": _row(FILE, "thread chat api"),
    # Of the organization.
    "Organization.name": _row(scene.ORGANIZATION, "list start chats alone team profile settings invitation mails"),
    "Membership.display_name": _row(scene.DISPLAY_NAME, "thread toast team audit profile invitation mails api"),
    "User.full_name": _row(scene.FULL_NAME, "profile mails"),
    "User.email": _row("hostile-", "profile mails"),
    "Invitation.email": _row(ADDRESS, "team invitation mails"),
    "Widget.name": _row(scene.WIDGET, "widgets widget install api"),
    "Widget.texts": _row(tuple(as_line(words) for words in scene.TEXTS.values()), "widget"),
    "Widget.texts: greeting": _row(as_line(scene.TEXTS["greeting"]), "launcher"),
    "Widget.texts: title": _row(as_line(scene.TEXTS["title"]), "alone"),
    "Widget.texts: title, intro": _row(tuple(as_line(scene.TEXTS[name]) for name in ("title", "intro")), "start"),
    "Widget.notice_url": _row(scene.NOTICE, "widget"),
    # Never stored by us.
    "the filter": _row(FILTER, "filter"),
    "what the page's script gives": _row(tuple(GIVEN.values()), "start"),
    "a draft": _row(DRAFT, "draft"),
}

# Columns of text that nobody can fill with words of their own, or that no view shows.
CLOSED: Mapping[str, str] = {
    "Attachment.content_type": "One of a list of types.",
    "Attachment.storage_name": "Random.",
    "AuditEvent.actor_kind": "A code.",
    "AuditEvent.details": "Codes and counts, which the audit's own check keeps so.",
    "AuditEvent.hash": "A digest.",
    "AuditEvent.name": "A code.",
    "AuditEvent.previous_hash": "A digest.",
    "AuditEvent.subject_kind": "A code.",
    "Conversation.channel": "A code.",
    "Conversation.topic": "Kept and in no answer: the first view that shows it gives it a row.",
    "EndUser.locale": "One of the product's languages.",
    "IdentitySecret.sealed": "Sealed bytes of our own.",
    "Invitation.token_hash": "A digest.",
    "Organization.audit_head": "A digest.",
    "Organization.locale": "One of the product's languages.",
    "Organization.time_zone": "One of a list.",
    "User.locale": "One of the product's languages.",
    "User.password": "A digest.",
    "Visit.browser": "One of a list of browsers.",
    "Visit.device": "One of three words.",
    "VisitorToken.token_hash": "A digest.",
    "Widget.allowed_origins": "Built anew from scheme, host and port.",
    "Widget.default_locale": "One of the product's languages.",
    "Widget.form": "Choices.",
    "Widget.locales": "The product's languages.",
    "Widget.look": "Choices and a colour of six hexadecimal digits.",
    "Widget.public_key": "Random.",
    "WidgetSighting.origin": "Built anew from scheme, host and port.",
}

# Texts that the addresses of the API and the forms take: the row that they fill, or why they fill none.
INPUTS: Mapping[str, str] = {
    "EditBody.body": "Message.body",
    "EndUserBody.attributes": "EndUser.attributes",
    "EndUserBody.email": "EndUser.email",
    "EndUserBody.first_name": "EndUser.first_name",
    "EndUserBody.last_name": "EndUser.last_name",
    "EndUserBody.phone": "EndUser.phone",
    "FormBody.email": "what the page's script gives",
    "FormBody.name": "what the page's script gives",
    "FormBody.phone": "what the page's script gives",
    "FormBody.topic": "Conversation.topic",
    "GeneralForm.name": "Widget.name",
    "GeneralForm.notice_url": "Widget.notice_url",
    "HelloData.epoch": "Compared, never shown.",
    "HelloData.ticket": "Compared, never shown.",
    "InboxQuery.cursor": "Refused unless it is our own.",
    "InvitationForm.email": "Invitation.email",
    "JwtData.jwt": "EndUser.external_id",
    "LookForm.color": "Widget.look",
    "MessageBody.body": "Message.body",
    "NewPasswordForm.password1": "A password: never shown.",
    "NewPasswordForm.password2": "A password: never shown.",
    "NewWidgetForm.name": "Widget.name",
    "NewWidgetForm.site": "Widget.allowed_origins",
    "NoteBody.body": "Note.body",
    "OpeningData.jwt": "EndUser.external_id",
    "OpeningData.locale": "EndUser.locale",
    "OpeningPageData.referrer": "Visit.referrer_host",
    "OrganizationForm.name": "Organization.name",
    "OrganizationSettingsForm.name": "Organization.name",
    "OriginForm.origin": "Widget.allowed_origins",
    "PageData.title": "Visit.pages",
    "PageData.url": "Visit.pages",
    "PasswordChangeForm.oldpassword": "A password: never shown.",
    "PasswordChangeForm.password1": "A password: never shown.",
    "PasswordChangeForm.password2": "A password: never shown.",
    "PasswordForgottenForm.email": "User.email",
    "ProfileData.email": "EndUser.email",
    "ProfileData.first_name": "EndUser.first_name",
    "ProfileData.last_name": "EndUser.last_name",
    "ProfileData.phone": "EndUser.phone",
    "ProfileForm.display_name": "Membership.display_name",
    "ProfileForm.full_name": "User.full_name",
    "SignInForm.password": "A password: never shown.",
    "SignUpForm.email": "User.email",
    "SignUpForm.username": "Thrown away: people sign in by e-mail.",
    "SitesForm.allowed_origins": "Widget.allowed_origins",
    "TextsForm.greeting": "Widget.texts",
    "TextsForm.intro": "Widget.texts",
    "TextsForm.offline": "Widget.texts",
    "TextsForm.title": "Widget.texts",
    "UploadBody.file": "Attachment.name",
}

# Pages of the site by the view that opens them, or the story of `test_hostile_text.py` that does, or why none need.
PAGES: Mapping[str, str] = {
    "": "Nobody's words.",
    "accounts/confirm-email/": "Nobody's words.",
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": "test_addresses_are_shown_as_text",
    "accounts/inactive/": "Nobody's words.",
    "accounts/login/": "test_what_is_refused_is_shown_as_text",
    "accounts/logout/": "test_pages_of_the_team",
    "accounts/password/change/": "test_pages_of_the_team",
    "accounts/password/reset/": "test_what_is_refused_is_shown_as_text",
    "accounts/password/reset/done/": "Nobody's words.",
    "accounts/password/reset/key/done/": "Nobody's words.",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "test_addresses_are_shown_as_text",
    "accounts/signup/": "test_what_is_refused_is_shown_as_text",
    "audit/": "audit",
    "inbox/": "list",
    "invitations/<uuid:organization_id>/<str:token>/": "invitation",
    "mail/": "mails",
    "organizations/new/": "test_pages_of_the_team",
    "privacy/": "Nobody's words.",
    "profile/": "profile",
    "robots.txt": "Nobody's words.",
    "settings/": "settings",
    "team/": "team",
    "terms/": "Nobody's words.",
    "widgets/": "widgets",
    "widgets/<uuid:widget_id>/": "widget",
    "widgets/<uuid:widget_id>/install/": "install",
    "widgets/new/": "test_what_is_refused_is_shown_as_text",
}
