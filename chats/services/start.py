"""Starting a conversation: the first act of an end-user, with its first message."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from chats.models import Conversation, Message
from chats.rules import CONVERSATIONS_A_DAY
from chats.services import lane
from chats.services.messages import Stored, admit_draft, check_draft, write_message
from livecaller.core.actors import EndUserActor
from livecaller.core.errors import InvalidError, RateLimitedError
from livecaller.core.ids import uuid7
from widget.models import EndUser, Visit, Widget
from widget.selectors import get_end_user, get_widget
from widget.services import accept_form

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the pre-chat form and the first message carry; `form` has name, email, phone, topic."""

    client_id: UUID
    body: str
    attachment_ids: tuple[UUID, ...] = ()
    form: Mapping[str, str]
    is_notice_accepted: bool


@dataclass(frozen=True, slots=True)
class Started:
    """A conversation and its first message."""

    conversation: Conversation
    first: Stored


def start_conversation(*, actor: EndUserActor, opening: Opening) -> Started:
    """Store a conversation with its first message, or return what a former try with this client_id has stored.

    Raises `InvalidError` (notice not accepted, required fields), `RateLimitedError` after ten in 24 hours, and
    all that `send_message` raises. Locks the end-user, so that a double click starts one conversation.
    """
    if not opening.is_notice_accepted:
        raise InvalidError(fields={"notice_accepted": [_("Accept the privacy notice to start.")]})
    draft = check_draft(
        actor=actor,
        conversation_id=uuid7(),
        client_id=opening.client_id,
        body=opening.body,
        attachment_ids=opening.attachment_ids,
    )
    admit_draft(actor=actor, draft=draft)
    person = get_end_user(actor, actor.end_user_id, lock=True)
    known = _started_before(person, opening.client_id)
    if known is not None:
        return _started(known, write_message(replace(draft, conversation_id=known)))
    _require_allowance(person)
    widget = get_widget(actor, actor.widget_id)
    accept_form(actor=actor, widget=widget, form=opening.form)
    _create(draft.conversation_id, actor, widget, opening.form.get("topic", ""))
    return _started(draft.conversation_id, write_message(draft))


def _started(conversation_id: UUID, first: Stored) -> Started:
    conversation = Conversation.objects.select_related("widget", "end_user", "assignee").get(pk=conversation_id)
    return Started(conversation, first)


def _started_before(person: EndUser, client_id: UUID) -> UUID | None:
    rows = Message.objects.filter(conversation__end_user=person, client_id=client_id)
    return rows.values_list("conversation_id", flat=True).first()


def _require_allowance(person: EndUser) -> None:
    recent = Conversation.all_states.filter(end_user=person, created_at__gt=lane.now() - _DAY)
    started = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:CONVERSATIONS_A_DAY])
    if len(started) >= CONVERSATIONS_A_DAY:
        wait = started[-1] + _DAY - lane.now()
        raise RateLimitedError(
            _("You have started as many conversations as you can in a day. Write in one of those you have."),
            retry_after=max(1, int(wait.total_seconds())),
        )


def _create(pk: UUID, actor: EndUserActor, widget: Widget, topic: str) -> None:
    at = lane.now()
    mine = Visit.objects.filter(end_user_id=actor.end_user_id)
    visit = mine.filter(pk=actor.visit_id).first() if actor.visit_id else None
    page = visit.pages[-1] if visit and visit.pages else {}
    Conversation.objects.create(
        pk=pk,
        organization_id=actor.organization_id,
        widget=widget,
        end_user_id=actor.end_user_id,
        visit=visit,
        topic=topic[:120],
        page_url=page.get("url", ""),
        page_title=page.get("title", ""),
        created_at=at,
        updated_at=at,
        expires_at=at + timedelta(days=widget.organization.retention_days),
    )
