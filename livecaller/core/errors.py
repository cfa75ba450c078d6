"""One hierarchy of refusals: class -> code -> HTTP status -> answer on a socket.

Services and selectors raise these; each door renders them. The codes are the wire's
(docs/realtime.md, "Error codes"). Messages are sentences that say what to do, in the language that is active where the
refusal is raised, or where it is told when the sentence is lazy: the doors activate the caller's. What only a program
can do wrong is said in English.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class LiveCallerError(Exception):
    """A refusal that the caller may see; `message` never contains somebody else's data."""

    code = "internal"
    status = 500
    default: "StrPromise | str" = _("Something went wrong on our side. Try again in a moment.")

    def __init__(
        self,
        message: "StrPromise | str | None" = None,
        *,
        retry_after: int | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._said = message or self.default
        self.retry_after = retry_after
        self.fields = fields
        super().__init__(message or self.default)

    @property
    def message(self) -> str:
        """Return the sentence: a lazy one in the language that is active now, where it is told."""
        return str(self._said)

    def payload(self) -> dict[str, object]:
        """Return the wire form: `{code, message, retry_after?, fields?}`."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        if self.fields:
            body["fields"] = {name: list(sentences) for name, sentences in self.fields.items()}
        return body


class InvalidError(LiveCallerError):
    """The request cannot be understood; `fields` names what is wrong with each field."""

    code = "invalid"
    status = 400
    default = _("Some of what was sent cannot be accepted. Check the marked fields.")


class UnauthenticatedError(LiveCallerError):
    """Nobody is signed in, or the proof of identity has expired."""

    code = "unauthenticated"
    status = 401
    default = _("Sign in to go on.")


class ForbiddenError(LiveCallerError):
    """The actor is known and may not do this."""

    code = "forbidden"
    status = 403
    default = _("Your role does not allow this. Ask an owner of your organization.")


class NotLiveError(LiveCallerError):
    """The widget may not accept end-user data now."""

    code = "not_live"
    status = 403
    default = _("This chat is switched off at the moment.")


class NotFoundError(LiveCallerError):
    """The thing does not exist, or is not visible to the actor: both look the same."""

    code = "not_found"
    status = 404
    default = _("There is nothing here, or it is not yours to see.")


class ConflictError(LiveCallerError):
    """The request contradicts what is stored."""

    code = "conflict"
    status = 409
    default = _("Somebody was faster. Reload and try again.")


class GoneError(LiveCallerError):
    """The thing existed and has expired or was erased."""

    code = "gone"
    status = 410
    default = _("This has expired and is gone.")


class TooLargeError(LiveCallerError):
    """The body or file is larger than allowed."""

    code = "too_large"
    status = 413
    default = _("This is too large.")


class UnsupportedTypeError(LiveCallerError):
    """The file or media type is not accepted."""

    code = "unsupported_type"
    status = 415
    default = _("This kind of file is not accepted.")


class RateLimitedError(LiveCallerError):
    """Too much in too short a time; `retry_after` seconds says when to come back."""

    code = "rate_limited"
    status = 429
    default = _("That was too fast. Wait a moment and try again.")


class UnavailableError(LiveCallerError):
    """A part we depend on does not answer; nothing was stored."""

    code = "unavailable"
    status = 503
    default = _("We cannot store this right now. Try again in a moment.")
