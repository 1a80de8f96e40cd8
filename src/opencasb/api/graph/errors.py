"""Errors of the Graph API (graph §6.1).

::

    GraphError
    ├── BadRequest        400  an option, filter, period or path segment that cannot be parsed
    ├── Unauthorized      401  no valid token
    ├── Forbidden         403  a valid token without the permission
    ├── NotFound          404  a stream, app or row that does not exist or is not visible to the caller
    ├── MethodNotAllowed  405  a method that the resource does not support
    ├── NotAcceptable     406  ``Accept`` excludes JSON
    ├── FailedDependency  424  in a batch: a request on which this one depends failed
    ├── TooManyRequests   429  throttled
    └── Unavailable       503  a store is temporarily unavailable
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Final

from opencasb.store.outage import RETRY_AFTER

LONGEST_QUOTED: Final = 60


class GraphError(Exception):
    """A refusal with its HTTP status, Graph error code and extra response headers."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "InternalServerError"

    def __init__(self, message: str, **headers: str) -> None:
        super().__init__(message)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class BadRequest(GraphError):
    """The request cannot be parsed; the message names the part, its value and what is allowed."""

    status = 400
    code = "BadRequest"


class Unauthorized(GraphError):
    """The caller is not authenticated."""

    status = 401
    code = "InvalidAuthenticationToken"


class Forbidden(GraphError):
    """The caller lacks the permission; public clients look for the words "insufficient privileges"."""

    status = 403
    code = "Forbidden"


class NotFound(GraphError):
    """The stream, app or row does not exist, or is outside the caller's scope."""

    status = 404
    code = "ResourceNotFound"


class MethodNotAllowed(GraphError):
    """The resource supports another method, given in the ``Allow`` header."""

    status = 405
    code = "MethodNotAllowed"

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(
            f"The method {quoted(method)} is not allowed here; this resource only answers {allowed}.", Allow=allowed
        )


class NotAcceptable(GraphError):
    """``Accept`` excludes every representation of this resource."""

    status = 406
    code = "NotAcceptable"


class FailedDependency(GraphError):
    """A request of the same batch, on which this one depends, failed."""

    status = 424
    code = "FailedDependency"

    def __init__(self, failed: str) -> None:
        super().__init__(f"The request {quoted(failed)}, on which this one depends, failed.")


class TooManyRequests(GraphError):
    """The application sent too many requests; ``retry_after`` is in whole seconds."""

    status = 429
    code = "TooManyRequests"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, Retry_After=str(retry_after))


class Unavailable(GraphError):
    """A store is temporarily unavailable."""

    status = 503
    code = "ServiceUnavailable"

    def __init__(self, message: str) -> None:
        super().__init__(message, Retry_After=str(RETRY_AFTER))


def quoted(text: str) -> str:
    """Return untrusted text made safe for a message: quoted, truncated, without control characters."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:LONGEST_QUOTED])
    return f"'{shown}{'...' if len(text) > LONGEST_QUOTED else ''}'"


def body(code: str, message: str, now: int, ids: Mapping[str, str]) -> dict[str, object]:
    """Return the JSON body of an error at ``now`` (ms); ``ids`` are the request ids of the exchange."""
    date = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {"error": {"code": code, "message": message, "innerError": {"date": date, **ids}}}
