"""The refusals of the REST API, each with its status, body and headers (api §2.4, §16).

::

    Refusal
    ├── BadRequest              400  the request cannot be parsed or has invalid values
    │   ├── BadFilter                its filters have
    │   └── NoSuchSource             it names a data source that does not exist
    ├── NotAuthenticated        401  no credentials, or invalid ones
    ├── Forbidden               403  the caller may not do this
    ├── UploadUrlExpired        403  an upload URL that accepts no more data
    ├── NotFound                404  no such path or object
    ├── MethodNotAllowed        405
    ├── TooLarge                413
    ├── Throttled               429
    ├── InternalError           500  our fault; details are in the log
    └── Unavailable             503  a store is temporarily unavailable
        └── InsufficientStorage 507  its disk is full
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from opencasb.filters.errors import InvalidFilter, Problem
from opencasb.store.outage import RETRY_AFTER

Found = TypeVar("Found")


class Refusal(Exception):
    """Root of the tree above: a message for the client, and extra response headers.

    ``challenges`` are the values of ``WWW-Authenticate``.
    """

    status: ClassVar[int]
    detail: ClassVar[str] = ""
    challenges: tuple[str, ...] = ()

    def __init__(self, detail: str = "", **headers: str) -> None:
        super().__init__(detail or self.detail)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def body(self) -> Mapping[str, Any]:  # JSON
        """The answer to the client."""
        return {"detail": str(self)}


class BadRequest(Refusal):
    """400 with a sentence that names the field, its value and the allowed values."""

    status = 400

    @property
    def body(self) -> Mapping[str, Any]:  # JSON
        """Clients read ``errors[].error`` (api §6.2)."""
        return {"error": True, "errors": [{"error": str(self)}]}


class BadFilter(BadRequest):
    """400 with every problem of the filters, in the two forms that clients read (api §6.2)."""

    def __init__(self, invalid: InvalidFilter) -> None:
        super().__init__(str(invalid))
        self._problems = invalid.problems

    @property
    def body(self) -> Mapping[str, Any]:  # JSON
        """``filters`` as recorded from the live service, and ``errors`` for a client that reads those."""
        errors = [{"error": problem.text} for problem in self._problems]
        return {"error": True, "errors": errors, "filters": [_recorded(problem) for problem in self._problems]}


class NoSuchSource(BadRequest):
    """400 whose code makes a log-uploading client tell its user to check the data source name."""

    @property
    def body(self) -> Mapping[str, Any]:  # JSON
        """The code is the live service's."""
        code = "CONSOLE_DISCOVERY_SETTINGS_PARSE_LOG_TASK_ERROR_NOT_FOUND_INPUT_STREAM"
        return {**super().body, "errorMessageCode": code}


class NotAuthenticated(Refusal):
    """401; two clients look for the words ``Invalid token`` (api §2.4).

    Both schemes are announced, that of access tokens by its ``challenge`` (identity §8); ``hint`` is appended to the
    message.
    """

    status = 401

    def __init__(self, *, missing: bool, challenge: str, hint: str = "") -> None:
        super().__init__(
            "Authentication credentials were not provided." if missing else f"Invalid token. {hint}".rstrip()
        )
        self.challenges = ("Token", challenge)


class Forbidden(Refusal):
    """403; the server's reason phrase, ``Forbidden``, is the word that a client looks for."""

    status = 403
    detail = "You do not have permission to perform this action."


class UploadUrlExpired(Refusal):
    """403 for an upload URL after step 3 or after 24 hours (api §12.1)."""

    status = 403
    detail = "This upload URL has been used or is older than 24 hours."


class NotFound(Refusal):
    """404: there is no such path or object."""

    status = 404
    detail = "Not found."


class MethodNotAllowed(Refusal):
    """405 with the allowed methods (RFC 9110 §15.5.6)."""

    status = 405

    def __init__(self, method: str, allowed: Collection[str]) -> None:
        super().__init__(f'Method "{method}" not allowed.', allow=", ".join(sorted(allowed)))


class TooLarge(Refusal):
    """413 for a body that exceeds its limit."""

    status = 413
    detail = "Request entity too large."


class Throttled(Refusal):
    """429 with a wait of ``seconds`` (RFC 9110 §10.2.3); clients look for the word ``throttled`` (api §5)."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Request was throttled. Expected available in {seconds} seconds.", retry_after=str(seconds))


class InternalError(Refusal):
    """500 without internal details."""

    status = 500
    detail = "Internal server error."


class Unavailable(Refusal):
    """503 with a sentence that names the unavailable store, and when to retry."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; nothing of this was acknowledged, repeat it later", retry_after=str(RETRY_AFTER))


class InsufficientStorage(Unavailable):
    """507 with a sentence that names what is full (RFC 4918 §11.5)."""

    status = 507


def or_not_found(found: Found | None) -> Found:
    """Return what was found. Raises :class:`NotFound` if that is None or empty."""
    if not found:
        raise NotFound
    return found


@contextmanager
def explained(name: str = "") -> Iterator[None]:
    """Turn a ``ValueError`` into a refusal that names the parameter; without ``name`` the error names it itself."""
    try:
        yield
    except ValueError as error:
        raise BadRequest(f"{name}: {error}" if name else str(error)) from None


def _recorded(problem: Problem) -> dict[str, Any]:  # JSON
    if problem.unknown:
        code, parameters = "CONSOLE_FORMS_NOT_VALID_FILTER", {"filter": problem.unknown}
    else:
        code, parameters = "CONSOLE_FORMS_NOT_VALID_VALUE", {"value": problem.value}
    error = f"{problem.unknown or problem.value} is not valid"
    return {"error": error, "errorMessageCode": code, "errorMessageParams": parameters}
