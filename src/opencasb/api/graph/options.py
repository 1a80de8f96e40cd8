"""The OData query options of a request (graph §5): parsed once into values, strict about unknown ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import unquote_plus

from opencasb.api.graph.errors import BadRequest, quoted
from opencasb.model.base64url import decoded, unpadded

PAGE_SIZE: Final = 100
LARGEST_PAGE: Final = 1000

_TAKEN: Final = ("select", "filter", "top", "skip", "orderby", "count", "expand", "format", "skiptoken")
_REFUSED: Final = ("search", "apply", "compute")
_PAGING: Final = frozenset({"skip", "skiptoken"})
_OLDEST_DAY: Final = date(1970, 1, 1)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_TOKEN: Final = re.compile(r"(?P<day>[0-9-]{1,10})(?:\.(?P<skip>[0-9]{1,18})\.(?P<after>[A-Za-z0-9_-]{1,2000}))?")


@dataclass(frozen=True, slots=True)
class Options:
    """The query options. Texts are decoded and trimmed, empty if absent; ``day`` is that of the skip token.

    ``after`` is the key of the last row before this page, if the skip token has one and matches ``skip``. ``raw`` has
    the undecoded parts of the query string that a link must repeat: all but the paging options.
    """

    raw: tuple[str, ...] = ()
    select: str = ""
    filter: str = ""
    orderby: str = ""
    expand: str = ""
    format: str = ""
    top: int | None = None
    skip: int = 0
    count: bool = False
    day: str | None = None
    after: str | None = None
    given: frozenset[str] = frozenset()

    @property
    def page_size(self) -> int:
        """Rows per response."""
        return PAGE_SIZE if self.top is None else min(self.top, LARGEST_PAGE)

    def allow(self, names: frozenset[str], resource: str) -> None:
        """Refuse every option that ``resource`` does not support. Raises :class:`BadRequest`."""
        for name in sorted(self.given - names - {"format"}):
            raise BadRequest(f"The query option '${name}' cannot be applied to {resource}.")


def parse(query: str) -> Options:
    """Parse a raw query string. Names may be ``$top``, ``%24top`` or ``top``, in any case.

    Options that are not OData's are ignored, as OData prescribes. Raises :class:`BadRequest` for unknown OData options,
    repeated options, and values out of range.
    """
    values: dict[str, str] = {}
    raw: list[str] = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        option = _option(name)
        if option in values:
            raise BadRequest(f"The query option '${option}' is given more than once.")
        if option:
            values[option] = unquote_plus(value, errors="replace").strip()
        if part and option not in _PAGING:
            raw.append(part)
    token = _token(values["skiptoken"]) if "skiptoken" in values else _Token()
    skip = _number("skip", values["skip"]) if "skip" in values else token.skip
    return Options(
        raw=tuple(raw),
        **{name: values.get(name, "") for name in ("select", "filter", "orderby", "expand", "format")},
        top=_number("top", values["top"]) if "top" in values else None,
        skip=skip,
        count=_flag("count", values.get("count", "false")),
        day=token.day,
        after=token.after if skip == token.skip else None,
        given=frozenset(values),
    )


def _option(name: str) -> str | None:
    plain = unquote_plus(name, errors="replace").strip().lower()
    option = plain.removeprefix("$")
    if option in _TAKEN:
        return option
    if plain.startswith("$") or option in _REFUSED:
        allowed = ", ".join(f"${each}" for each in _TAKEN)
        raise BadRequest(f"The query option {quoted(plain)} is not supported; allowed: {allowed}.")
    return None


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadRequest(f"The query option '${name}' must be a whole number from 0 up; found {quoted(text)}.")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise BadRequest(f"The query option '${name}' must be true or false; found {quoted(text)}.")
    return text.lower() == "true"


@dataclass(frozen=True, slots=True)
class _Token:
    day: str | None = None
    skip: int = 0
    after: str | None = None


def skip_token(day: str, skip: int, after: str) -> str:
    """Return the ``$skiptoken`` of the page after ``skip`` rows, the last of which has the key ``after``."""
    return f"{day}.{skip}.{unpadded(after.encode())}"


def _token(text: str) -> _Token:
    parts = _TOKEN.fullmatch(text)
    try:
        day = date.fromisoformat(parts["day"] if parts else text)
        after = decoded(parts["after"]).decode() if parts and parts["after"] else None
    except ValueError:
        day, after = date.min, None
    if day < _OLDEST_DAY:  # a period must not start before the calendar does
        raise BadRequest(f"The query option '$skiptoken' is not one of this server: {quoted(text)}.")
    return _Token(day.isoformat(), int(parts["skip"] or 0) if parts else 0, after)
