"""Content negotiation: ``Accept``, ``$format`` and ``Prefer`` (graph §3, §4, §6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from opencasb.api.graph.errors import BadRequest, NotAcceptable, quoted
from opencasb.api.graph.options import LARGEST_PAGE

INCLUDE_UNKNOWN: Final = "include-unknown-enum-members"

_PAGE_SIZES: Final = ("odata.maxpagesize", "maxpagesize")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Form:
    """``annotated``: with types and context; ``long_as_text``: Int64 quoted; ``late_members``: all enum members.

    ``most_rows`` is the page size the client prefers; None if it states none.
    """

    annotated: bool = True
    long_as_text: bool = False
    late_members: bool = False
    most_rows: int | None = None

    @property
    def content_type(self) -> str:
        """The ``Content-Type`` of a response in this form."""
        metadata = "minimal" if self.annotated else "none"
        return (
            f"application/json;odata.metadata={metadata};odata.streaming=true;"
            f"IEEE754Compatible={str(self.long_as_text).lower()};charset=utf-8"
        )

    def applied(self, *, paged: bool) -> str:
        """Return the preferences that a response in this form applies (RFC 7240 §3); ``paged``: it is a page."""
        late = [INCLUDE_UNKNOWN] if self.late_members else []
        size = [f"{_PAGE_SIZES[0]}={self.most_rows}"] if paged and self.most_rows is not None else []
        return ", ".join(late + size)


def negotiate(accept: str, format_option: str, prefer: str) -> Form:
    """Return the form of the response; ``$format`` wins over ``Accept``.

    Raises :class:`NotAcceptable` if ``accept`` excludes JSON, :class:`BadRequest` if ``$format`` is something else.
    """
    if format_option:
        parameters = _json_parameters(format_option if "/" in format_option else f"application/{format_option}")
        if parameters is None:
            raise BadRequest(f"The query option '$format' must be json; found {quoted(format_option)}.")
    else:
        parameters = _json_parameters(accept or "*/*")
        if parameters is None:
            raise NotAcceptable(f"This resource is only available as application/json; Accept was {quoted(accept)}.")
    metadata = parameters.get("odata.metadata") or parameters.get("metadata") or "minimal"
    preferences = _preferences(prefer)
    return Form(
        annotated=metadata != "none",
        long_as_text=parameters.get("ieee754compatible") == "true",
        late_members=INCLUDE_UNKNOWN in preferences,
        most_rows=_most_rows(preferences),
    )


def _preferences(prefer: str) -> dict[str, str]:
    """Return the values of preferences; the first one wins if a preference is repeated (RFC 7240 §2)."""
    pairs = (text.split(";")[0].partition("=") for text in reversed(prefer.split(",")))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _most_rows(preferences: Mapping[str, str]) -> int | None:
    given = next((preferences[name] for name in _PAGE_SIZES if name in preferences), "")
    return min(int(given), LARGEST_PAGE) or None if _NUMBER.fullmatch(given) else None


def _json_parameters(accept: str) -> dict[str, str] | None:
    """Return the parameters of the first media range that covers JSON, or None."""
    ranges = list(_ranges(accept))
    named = [parameters for name, parameters in ranges if name == "application/json"]
    covering = named or [parameters for name, parameters in ranges if name in {"application/*", "*/*", "*"}]
    return next((parameters for parameters in covering if not _refused(parameters)), None)


def _ranges(accept: str) -> Iterator[tuple[str, dict[str, str]]]:
    for text in accept.split(","):
        name, *rest = (part.strip().lower() for part in text.split(";"))
        yield name, {key.strip(): value.strip(' "') for key, _, value in (part.partition("=") for part in rest)}


def _refused(parameters: dict[str, str]) -> bool:
    return parameters.get("q", "1").strip("0.") == ""
