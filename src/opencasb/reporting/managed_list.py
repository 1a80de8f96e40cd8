"""The list of applications that a company manages, as CSV.

The first line holds the headings: ``name``, ``app_id`` or ``domains`` or both, and optionally ``owner`` and
``yearly_cost``. An application's domains share one field, separated by blanks, commas or semicolons. Fields may also be
separated by semicolons or tabs, as spreadsheets do where numbers have a decimal comma.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from opencasb.model import spreadsheet
from opencasb.model.app import LARGEST_APP_ID
from opencasb.model.host_name import host_name
from opencasb.model.managed_app import ManagedApp

COLUMNS: Final = ("name", "app_id", "domains", "owner", "yearly_cost")
MOST_APPS: Final = 20_000
MOST_DOMAINS: Final = 200

_LONGEST: Final = 200
_DECIMAL_COMMA: Final = re.compile(r"[0-9]+,[0-9]{1,2}")
"""An unambiguous decimal comma: ``12,000`` may mean twelve thousand."""
_SEPARATORS: Final = re.compile(r"[\s,;]+")


class Unreadable(ValueError):
    """The file is not such a list at all; the message says why."""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A rejected line: its number, counted from 1, and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ManagedList:
    """The contents of a file: accepted applications and rejected lines."""

    apps: tuple[ManagedApp, ...]
    refused: tuple[RefusedLine, ...]


@dataclass(slots=True)
class _Taken:
    """The line that claimed each name, app and domain; no other line may claim it."""

    lines: dict[tuple[str, object], int] = field(default_factory=dict)

    def claim(self, app: ManagedApp, line: int) -> None:
        claims: list[tuple[str, object]] = [("name", app.name.casefold())]
        claims += [("app_id", app.app_id)] if app.app_id is not None else []
        claims += [("domain", domain) for domain in app.domains]
        for kind, value in claims:
            if (kind, value) in self.lines:
                raise ValueError(f"{kind} {value!r} is on line {self.lines[kind, value]} already")
        self.lines |= dict.fromkeys(claims, line)


def read(content: bytes) -> ManagedList:
    """Read a list; report invalid lines and accept the others. Raises :class:`Unreadable`."""
    try:
        text = spreadsheet.text_of(content)
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start} is not {error.encoding.upper()}; {spreadsheet.ADVICE}") from None
    apps: list[ManagedApp] = []
    refused: list[RefusedLine] = []
    rows = _rows(text)
    headings = _headings(next(rows, (1, []))[1])
    taken = _Taken()
    for line, cells in rows:
        try:
            app = _app(headings, cells)
            taken.claim(app, line)
        except ValueError as error:
            refused.append(RefusedLine(line, str(error)))
            continue
        apps.append(app)
        if len(apps) > MOST_APPS:
            raise Unreadable(f"there are more than {MOST_APPS} applications")
    return ManagedList(tuple(apps), tuple(refused))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-blank records, each with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=spreadsheet.delimiter(text), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(f"line {line} is not CSV: {error}") from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _headings(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise Unreadable(f"heading {unknown[0][:60]!r} is unknown; allowed: {', '.join(COLUMNS)}")
    if len(set(names)) < len(names) or "name" not in names or not {"app_id", "domains"} & set(names):
        raise Unreadable("the first line must have the headings name, and app_id or domains, each once")
    return names


def _app(headings: Sequence[str], cells: Sequence[str]) -> ManagedApp:
    if len(cells) != len(headings):
        raise ValueError(f"there are {len(cells)} fields under {len(headings)} headings")
    given = {name: cell.strip() for name, cell in zip(headings, cells, strict=True)}
    app = ManagedApp(
        name=_text(given, "name"),
        app_id=_app_id(given.get("app_id", "")),
        domains=_domains(given.get("domains", "")),
        owner=_text(given, "owner"),
        yearly_cost=_cost(given.get("yearly_cost", "")),
    )
    if not app.name:
        raise ValueError("name is empty")
    if app.app_id is None and not app.domains:
        raise ValueError(f"{app.name!r} needs an app_id or domains")
    return app


def _text(given: Mapping[str, str], name: str) -> str:
    text = given.get(name, "")
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError(f"{name} {text[:60]!r} must have at most {_LONGEST} printable characters")
    return text


def _app_id(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) <= LARGEST_APP_ID):
        raise ValueError(f"app_id {text[:60]!r} must be the number of an app, 1 to {LARGEST_APP_ID}")
    return int(text)


def _domains(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in filter(None, _SEPARATORS.split(text)):
        name = host_name(part)
        if name is None:
            raise ValueError(f"domain {part[:60]!r} must be a host name such as files.example.net")
        found.append(name)
    if len(found) > MOST_DOMAINS:
        raise ValueError(f"there are {len(found)} domains; at most {MOST_DOMAINS} are allowed")
    return tuple(dict.fromkeys(found))


def _cost(text: str) -> str:
    if not text:
        return ""
    try:
        cost = Decimal(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text)
    except InvalidOperation:
        cost = Decimal(-1)
    if not (cost.is_finite() and 0 <= cost < 10**15) or len(text) > 30:
        raise ValueError(f"yearly_cost {text[:60]!r} must be a number such as 1200.50, without currency")
    return format(cost, "f")
