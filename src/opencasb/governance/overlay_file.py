"""Overlay files: custom apps and corrections as JSON or CSV, with the same rows in both.

A row is an object with the keys of :data:`COLUMNS`; empty values are omitted. JSON is ``{"opencasb_overlay": 1, "rows":
[...]}``. CSV has a header row, space-separated list items, and values of facts as JSON or plain text; semicolon or tab
delimiters, as written by some spreadsheets, are accepted. A text that a spreadsheet would read as a formula is prefixed
with an apostrophe, which is removed again on reading.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from opencasb.governance.statements import plain_value
from opencasb.model import spreadsheet
from opencasb.model.app import CustomApp
from opencasb.model.correction import Correction

Format = Literal["json", "csv"]

LARGEST_FILE: Final = 16 * 1024 * 1024
"""Maximum size in bytes."""

MOST_ROWS: Final = 20_000
CUSTOM_APP: Final = "custom_app"

_SAID: Final = ("kind", "app_id", "app", "key", "value", "link", "remark", "attested_by", "attested_on", "expires")
_OWN: Final = ("category", "vendor", "score", "domains", "networks", "notes")
COLUMNS: Final = (*_SAID, *_OWN)
_LISTS: Final = frozenset({"domains", "networks"})
_GUARDED: Final = (*spreadsheet.FORMULA, "'")
"""Includes the apostrophe itself, so that the prefix can be removed unambiguously."""
_VERSION: Final = 1


class OverlayFileError(ValueError):
    """A file that cannot be read at all; the message says why."""


class Row(NamedTuple):
    """A row: its last line in CSV or its number in JSON, and its fields, or the problem with it."""

    line: int
    fields: Mapping[str, Any]
    problem: str = ""


def rows_of(apps: Sequence[CustomApp], corrections: Sequence[Correction], names: Mapping[int, str]) -> list[Any]:
    """Return the rows of an overlay in a fixed order; ``names`` maps app ids to names, for human readers."""
    own = [_own_row(app) for app in sorted(apps, key=lambda app: app.app_id)]
    ordered = sorted(corrections, key=lambda each: (each.kind.value, each.app_id or 0, each.key))
    return [*own, *(_said_row(each, names) for each in ordered)]


def _own_row(app: CustomApp) -> dict[str, Any]:  # JSON
    fields = {**msgspec.structs.asdict(app), "kind": CUSTOM_APP, "app": app.name}
    return _without_empty({name: fields.get(name) for name in COLUMNS})


def _said_row(said: Correction, names: Mapping[int, str]) -> dict[str, Any]:  # JSON
    fields = {**msgspec.structs.asdict(said), "kind": said.kind.value, "value": plain_value(said)}
    return _without_empty({**{name: fields.get(name) for name in _SAID}, "app": names.get(said.app_id or -1)})


def _without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:  # JSON
    return {name: value for name, value in fields.items() if value not in (None, "", (), [])}


def written(rows: Sequence[Mapping[str, Any]], form: Format) -> bytes:
    """Return a file with these rows."""
    if form == "json":
        body = b",\n".join(msgspec.json.encode(row) for row in rows)
        return b'{"opencasb_overlay":1,"rows":[\n' + body + b"\n]}\n"
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows(cells(row) for row in rows)
    return text.getvalue().encode()


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row's CSV cells, in the order of :data:`COLUMNS`."""
    return tuple(_cell(name, row.get(name)) for name in COLUMNS)


def _cell(name: str, value: Any) -> str:  # any JSON
    if value is None:
        return ""
    if name in _LISTS:
        text = " ".join(map(str, value))
    else:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_GUARDED) else text


def read(content: bytes) -> Iterator[Row]:
    """Return the rows of a file in either format. Raises :class:`OverlayFileError` if none can be read."""
    if len(content) > LARGEST_FILE:
        raise OverlayFileError(f"the file has {len(content)} bytes; at most {LARGEST_FILE} are allowed")
    try:
        text = spreadsheet.text_of(content)
    except UnicodeDecodeError as error:
        form = error.encoding.upper()
        raise OverlayFileError(f"the file is not {form}: byte {error.start}; {spreadsheet.ADVICE}") from None
    found = _json_rows(text) if text.lstrip()[:1] in {"{", "["} else _csv_rows(text)
    for number, row in enumerate(found, 1):
        if number > MOST_ROWS:
            yield Row(row.line, {}, f"only {MOST_ROWS} rows are read; give the rest in a file of its own")
            return
        yield row


def _json_rows(text: str) -> Iterator[Row]:
    try:
        document = msgspec.json.decode(text.encode())
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise OverlayFileError(f"the file is not JSON: {reason}") from None
    rows = document.get("rows") if isinstance(document, dict) else None
    if not isinstance(rows, list) or document.get("opencasb_overlay") != _VERSION:
        raise OverlayFileError('the file is not an overlay: {"opencasb_overlay": 1, "rows": [...]} is expected')
    return (_json_row(number, row) for number, row in enumerate(rows, 1))


def _json_row(number: int, row: object) -> Row:
    if not isinstance(row, dict):
        return Row(number, {}, "an object is expected")
    unknown = sorted(set(row) - set(COLUMNS))
    if unknown:
        return Row(number, {}, f"field {unknown[0][:100]!r} is unknown; allowed: {', '.join(COLUMNS)}")
    return Row(number, row)


def _csv_rows(text: str) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=spreadsheet.delimiter(text))
    try:
        header = [name.strip().lower() for name in next(lines, [])]
    except csv.Error as error:
        raise OverlayFileError(f"the file is not CSV: {error}") from None
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or "kind" not in header or len(set(header)) < len(header):
        odd = f"; {unknown[0][:100]!r} is none of them" if unknown else ""
        allowed = ", ".join(COLUMNS)
        raise OverlayFileError(f"the first line must name the columns, once each, kind among {allowed}{odd}")
    return _csv_body(lines, header)


def _csv_body(lines: Any, header: Sequence[str]) -> Iterator[Row]:  # the reader's type is private to the module
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(lines.line_num, {}, f"it cannot be read: {error}")
            continue
        if len(cells) > len(header):
            yield Row(lines.line_num, {}, f"it has {len(cells)} cells, the first line {len(header)}")
        elif any(cells):
            fields = {name: _value(name, cell) for name, cell in zip(header, cells, strict=False)}
            yield Row(lines.line_num, _without_empty(fields))


def _value(name: str, cell: str) -> object:
    text = cell.strip()
    if text.startswith("'") and text[1:].startswith(_GUARDED):
        text = text[1:]
    return text.split() if name in _LISTS else text
