"""Structured logs that name things and never quote them.

A line carries the name of an event and references from a closed list of keys (`KEYS`): codes, counts, routes.
Bodies, tokens, e-mail addresses, cookies, query strings and SDP have no key. Exceptions are written as their class
and frames, since their messages may quote a person. Other people's loggers are held to the same: only text that
stands in their source is written, never what was put into it.
"""

import inspect
import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any  # structlog passes values of any kind

import structlog

Event = MutableMapping[str, Any]

# What our own calls may name; tests/test_architecture.py knows this list too.
KEYS = frozenset(
    {
        "command",
        "door",
        "error",
        "limit",
        "mail",
        "method",
        "ms",
        "route",
        "size",
        "sqlstate",
        "status",
        "task",
        "topic_kind",
    }
)
_LONGEST = 200

# The last wall: what these look like is removed wherever it stands.
_SECRET = re.compile(
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+|eyJ[\w-]+\.[\w-]+\.[\w-]*|candidate:.*|v=0\s.*|pk_\w+|(?<=\?)\S+=\S*",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure(options: Mapping[str, Any]) -> None:
    """Install the only handler there is; Django calls it with `settings.LOGGING` (`json`: one JSON object a line)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _known_keys_only,
            *_CLEANING,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_handlers(json=bool(options.get("json"))))
    # A handler that fails would print the record, arguments included.
    logging.raiseExceptions = False


def _handlers(*, json: bool) -> dict[str, Any]:
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer() if json else _plain,
        ],
        "foreign_pre_chain": [structlog.processors.add_log_level, _source_text_only, *_CLEANING],
        # Templates and arguments apart: they are never put together.
        "use_get_message": False,
        "pass_foreign_args": True,
    }
    ours: dict[str, Any] = {"handlers": [], "propagate": True}
    silent: dict[str, Any] = {"handlers": [], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # These come with handlers of their own, which write tracebacks with messages.
            **dict.fromkeys(("django", "uvicorn", "celery"), ours),
            "uvicorn.error": {**ours, "level": "WARNING"},
            "django.request": {**ours, "level": "ERROR"},
            # Access lines quote addresses with their queries; ours (core.middleware) do not.
            "uvicorn.access": silent,
            "django.server": silent,
            # redis-py gives this one a handler of its own, unless it is known already; it quotes what is published.
            "push_response": silent,
        },
    }


def _known_keys_only(_: Any, __: str, event: Event) -> Event:
    allowed = KEYS | {"event", "level", "exc_info", "request_id"}
    return {key: value if key in allowed else "[removed]" for key, value in event.items()}


def _source_text_only(_: Any, __: str, event: Event) -> Event:
    """Keep of a foreign record its template, its place, and a task's name and number; never its arguments."""
    record: logging.LogRecord = event["_record"]
    arguments = event["positional_args"]
    named = arguments if isinstance(arguments, Mapping) else {}
    facts = {ours: named[theirs] for theirs, ours in _TASK.items() if theirs in named}
    return {
        "event": _sentence(record.msg) if _is_source_text(record, has_arguments=bool(arguments)) else "[removed]",
        "logger": record.name,
        "at": f"{record.filename}:{record.lineno}",
        **facts,
        **{key: event[key] for key in ("level", "exc_info", "_record", "_from_structlog") if key in event},
    }


# What is put into a template, in each of Python's ways to write it.
_VALUE = re.compile(r"%%|%(?:\(\w+\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[a-zA-Z]")


def _sentence(template: str) -> str:
    """Return a template as a sentence for people, with a sign where a value was left out."""
    words = _VALUE.sub(lambda found: "%" if found[0] == "%%" else "…", template).strip(" …:,;-")
    return words.replace("…", "[...]") or "something of which only values were said"


# What Celery says of a task, and how we call it.
_TASK = {"name": "task", "id": "task_id"}


def _is_source_text(record: logging.LogRecord, *, has_arguments: bool) -> bool:
    """Say whether the message is a text in the source of whoever logs: a template, or a constant of that function."""
    if not isinstance(record.msg, str):
        return False
    if has_arguments:
        return True
    frame = inspect.currentframe()
    while frame is not None:
        if (frame.f_code.co_filename, frame.f_code.co_name) == (record.pathname, record.funcName):
            return record.msg in frame.f_code.co_consts
        frame = frame.f_back
    return False


def _frames_only(_: Any, __: str, event: Event) -> Event:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        event["error"] = info[0].__name__
        event["frames"] = " ".join(_frames(info[2]))
    return event


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{'/'.join(code.co_filename.split('/')[-2:])}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return frames[-12:]


def _plain_values_only(_: Any, __: str, event: Event) -> Event:
    return {key: value if key.startswith("_") else _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str):
        # What it would say of itself is not ours to judge.
        return f"[{type(value).__name__}]"
    text = value if key == "frames" else value[:_LONGEST]
    return _CONTROL.sub(lambda sign: f"\\x{ord(sign[0]):02x}", _SECRET.sub("[removed]", text))


_CLEANING: list[Any] = [structlog.processors.TimeStamper(fmt="iso", utc=True), _frames_only, _plain_values_only]


def _plain(_: Any, __: str, event: Event) -> str:
    head = f"{event.pop('timestamp', '')[11:19]} {event.pop('level', 'info'):<7} {event.pop('event', '')}"
    return " ".join([head, *(f"{key}={value}" for key, value in event.items())])
