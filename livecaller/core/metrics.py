"""Prometheus metrics. Labels are closed lists of our own codes: nothing a person typed, no id."""

from prometheus_client import Counter, Gauge, Histogram

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

_requests = Histogram("livecaller_request_seconds", "Seconds per HTTP request", ["route", "method", "status"])
_sockets = Gauge("livecaller_sockets", "Open sockets of this process", ["door"])
_commands = Counter("livecaller_commands_total", "Socket commands", ["command", "outcome"])
_messages = Counter("livecaller_messages_stored_total", "Messages stored", ["author"])
_publish_failures = Counter("livecaller_publish_failures_total", "Events that were committed and not announced")
_slow_readers = Counter("livecaller_slow_readers_total", "Sockets let go because nobody read them", ["door"])
_refusals = Counter("livecaller_limit_refusals_total", "Requests refused by a limit", ["limit"])


def request_served(route: str, method: str, status: int, seconds: float) -> None:
    """Count one HTTP request; `route` is the URL pattern, never the path."""
    # A stranger may invent methods, and each would be a series of its own.
    known = method if method in _METHODS else "other"
    _requests.labels(route, known, str(status)).observe(seconds)


def sockets_changed(door: str, difference: int) -> None:
    """Add `difference` to the number of open sockets."""
    _sockets.labels(door).inc(difference)


def command_served(command: str, outcome: str) -> None:
    """Count one socket command; `command` must be a known command, `outcome` ok or an error code."""
    _commands.labels(command, outcome).inc()


def message_stored(author: str) -> None:
    """Count one message; `author` is an author kind."""
    _messages.labels(author).inc()


def slow_reader_dropped(door: str) -> None:
    """Count one socket that was let go because its reader took nothing."""
    _slow_readers.labels(door).inc()


def publish_failed() -> None:
    """Count one event that nobody was told about."""
    _publish_failures.inc()


def limit_refused(limit: str) -> None:
    """Count one refusal by the named limit."""
    _refusals.labels(limit).inc()
