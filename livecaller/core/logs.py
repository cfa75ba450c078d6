"""Structured logs that name things and never quote them.

A line carries an event name and references (ids, codes, counts). Bodies, tokens, e-mail addresses, cookies,
query strings and SDP are never passed to a logger; `_redact` is the second wall and `tests/security` greps for
planted secrets. Nothing but our own key-value pairs and a traceback's frames is written: exception messages may
quote a person's words, so only their class is.
"""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any  # structlog passes values of any kind

import structlog

_SECRET = re.compile(
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+|eyJ[\w-]+\.[\w-]+\.[\w-]*|candidate:\S+|v=0\r?\n.*", re.IGNORECASE | re.DOTALL
)
_FORBIDDEN_KEYS = {"body", "password", "token", "ticket", "cookie", "authorization", "email", "sdp", "jwt", "query"}


def configure(options: Mapping[str, Any]) -> None:
    """Install handlers; Django calls it with `settings.LOGGING` (`json`: one JSON object a line)."""
    renderer: Any = structlog.processors.JSONRenderer() if options.get("json") else _plain
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames_only,
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {
                "console": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "structured"}
            },
            "root": {"handlers": ["console"], "level": "INFO"},
            "loggers": {
                # Access lines quote addresses with their queries; ours (core.middleware) do not.
                "uvicorn.access": {"handlers": [], "propagate": False},
                "uvicorn.error": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                "django.server": {"handlers": [], "propagate": False},
            },
        }
    )


def _frames_only(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        event["error"] = info[0].__name__
        event["frames"] = _frames(info[2])
    return event


def _frames(traceback: Any) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return frames[-12:]


def _redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in _FORBIDDEN_KEYS:
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = _SECRET.sub("[removed]", value).replace("\r", "\\r").replace("\n", "\\n")
    return event


def _plain(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    head = f"{event.pop('timestamp', '')[11:19]} {event.pop('level', 'info'):<7} {event.pop('event', '')}"
    return " ".join([head, *(f"{key}={value}" for key, value in event.items())])
