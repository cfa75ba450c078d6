"""The base of every REST view: parse strictly, enter the tenant, render one kind of error."""

from collections.abc import Mapping
from typing import Any  # DRF's handlers and data are untyped

import structlog
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from livecaller.core.actors import Actor
from livecaller.core.errors import (
    ForbiddenError,
    InvalidError,
    LiveCallerError,
    NotFoundError,
    RateLimitedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedTypeError,
)
from livecaller.core.tenancy.context import tenant

log = structlog.get_logger(__name__)


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses fields it does not know instead of ignoring them."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError({name[:80]: ["This field is not known."] for name in unknown[:20]})
        return super().to_internal_value(data)


class TenantApiView(APIView):
    """A view that acts for somebody inside one organization.

    Subclasses say who with `get_actor`; the handler runs inside the tenant's transaction with `self.actor`
    set. Data in the response must be evaluated: it is rendered after the transaction.
    """

    actor: Actor

    def get_actor(self, request: Request) -> Actor:
        """Return who acts; raises `UnauthenticatedError` or `ForbiddenError`. Runs before the tenant is entered."""
        raise NotImplementedError

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(request, *args, **kwargs)
            self.actor = self.get_actor(request)
            handler = self.handler_of(request)
            with tenant(self.actor.organization_id):
                response = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 DRF renders what it knows and raises the rest again
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def handler_of(self, request: Request) -> Any:
        """Return the method that serves the request's HTTP method."""
        if request.method and request.method.lower() in self.http_method_names:
            return getattr(self, request.method.lower(), self.http_method_not_allowed)
        return self.http_method_not_allowed

    def read(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return the validated body; raises `InvalidError` naming each field."""
        return validated(serializer, self.request.data)


def validated(serializer: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return `data` checked and converted by `serializer`; raises `InvalidError` naming each field."""
    if not isinstance(data, Mapping):
        raise InvalidError("Send an object with named fields.")
    checked = serializer(data=data)
    if not checked.is_valid():
        raise InvalidError(fields=_sentences(checked.errors))
    return dict(checked.validated_data)


def render_error(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn any refusal into `{"error": {...}}`; DRF calls it for every exception of a view.

    Unknown exceptions return None: Django logs them and answers 500.
    """
    known = as_refusal(error)
    if known is None:
        return None
    if isinstance(known, UnavailableError):
        connection.close()
    headers = {} if known.retry_after is None else {"Retry-After": str(known.retry_after)}
    return Response({"error": known.payload()}, status=known.status, headers=headers)


def as_refusal(error: Exception) -> LiveCallerError | None:
    """Return the refusal that an exception of Django, DRF or PostgreSQL means, or None for a bug."""
    if isinstance(error, LiveCallerError):
        return error
    if isinstance(error, exceptions.ValidationError):
        return InvalidError(fields=_sentences(error.detail))
    if isinstance(error, exceptions.Throttled):
        return RateLimitedError(retry_after=int(getattr(error, "wait", None) or 1))
    for kinds, refusal in _TRANSLATIONS:
        if isinstance(error, kinds):
            return refusal()
    if isinstance(error, exceptions.APIException):
        refused = InvalidError(str(error.detail))
        refused.status = error.status_code
        return refused
    return None


_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], type[LiveCallerError]], ...] = (
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), UnauthenticatedError),
    ((exceptions.PermissionDenied,), ForbiddenError),
    ((exceptions.NotFound, Http404), NotFoundError),
    ((exceptions.UnsupportedMediaType,), UnsupportedTypeError),
    ((RequestDataTooBig,), TooLargeError),
    ((BadRequest, SuspiciousOperation), InvalidError),
    ((OperationalError, InterfaceError), UnavailableError),
)


def _sentences(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, Mapping):
        return {"": [str(line) for line in (detail if isinstance(detail, list) else [detail])]}
    fields: dict[str, list[str]] = {}
    for name, lines in detail.items():
        if isinstance(lines, Mapping):
            fields.update({f"{name}.{inner}": text for inner, text in _sentences(lines).items()})
        else:
            fields[str(name)] = [str(line) for line in (lines if isinstance(lines, list) else [lines])]
    return fields
