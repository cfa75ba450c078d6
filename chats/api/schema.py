"""The OpenAPI document of both REST APIs, made from the views themselves."""

from functools import cache
from typing import Any  # the document is JSON

from django.conf import settings
from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from chats import shapes
from chats.api.operator import OperatorApiView
from widget.api import JwtData, PageData, ProfileData

Document = dict[str, Any]

_REFUSAL: Document = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "retry_after": {"type": "integer", "description": "seconds"},
                "fields": {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
_ENUMS = {
    "AuthorKind": "chats.enums.AuthorKind",
    "MessageKind": "chats.enums.MessageKind",
    "ConversationState": "chats.enums.ConversationState",
    "ThreadState": ["open", "closed"],
    "ChosenStatus": "accounts.enums.PresenceStatus",
    "Role": "accounts.enums.Role",
}
_VISITOR: Document = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "`Visitor <token>`, or the widget's own cookie",
}


class SchemaView(OperatorApiView):
    """`schema`."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """Show the OpenAPI 3.1 document."""
        return Response(document())


@cache
def document() -> Document:
    """Return the document: operators' addresses lie on the site's host, end-users' on the widget host."""
    operators = _generated(settings.HOST_URLCONFS[settings.SITE_HOST])
    end_users = _generated(settings.HOST_URLCONFS[settings.WIDGET_HOST])
    for operations in end_users["paths"].values():
        operations["servers"] = [{"url": settings.WIDGET_URL}]
        for operation in _operations(operations):
            operation["security"] = [{"visitor": []}]
    operators["servers"] = [{"url": settings.SITE_URL}]
    operators["paths"] |= end_users["paths"]
    components = operators["components"]
    components["schemas"] |= end_users["components"]["schemas"] | {"Refusal": _REFUSAL}
    components["securitySchemes"] = {**components.get("securitySchemes", {}), "visitor": _VISITOR}
    _add_refusals(operators)
    return operators


def _generated(urlconf: str) -> Document:
    with patched_settings({"ENUM_NAME_OVERRIDES": _ENUMS}):
        generator = SchemaGenerator(urlconf=urlconf)  # type: ignore[no-untyped-call]
        generated: Document = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return generated


def _add_refusals(whole: Document) -> None:
    refused = {"schema": {"$ref": "#/components/schemas/Refusal"}}
    for path in whole["paths"].values():
        for operation in _operations(path):
            operation["responses"]["default"] = {
                "description": "Refused",
                "content": {"application/json": refused},
            }


def _operations(path: Document) -> list[Document]:
    return [content for method, content in path.items() if method not in {"servers", "parameters"}]


# The lower apps' views know nothing of this document: it is said here what they take and answer.
def _say(target: str, **methods: Any) -> None:
    def view_replacement(extension: Any) -> Any:
        view = extension.target_class
        return extend_schema_view(**methods)(type(view.__name__, (view,), {}))

    # Being made is enough: such classes register themselves.
    type(target, (OpenApiViewExtension,), {"target_class": target, "view_replacement": view_replacement})


_say("accounts.api.MeView", get=extend_schema(responses=shapes.Me))
_say("widget.api.IdentifyView", post=extend_schema(request=JwtData, responses={200: shapes.Identified}))
_say("widget.api.EndUserView", patch=extend_schema(request=ProfileData, responses={200: shapes.KnownEndUser}))
_say("widget.api.PagesView", post=extend_schema(request=PageData, responses={204: None}))
