"""Export and import of overlays, between tenants or within one: custom apps and corrections as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.governance.overlay_file import CUSTOM_APP, Format, Row, cells, read, rows_of, written
from opencasb.governance.statements import Given
from opencasb.model.app import UNCLASSIFIED, CustomApp
from opencasb.model.correction import OPEN, Correction, State, Statement
from opencasb.store.custom_apps import checked as checked_app

if TYPE_CHECKING:
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.governance.catalog_corrections import CatalogCorrections
    from opencasb.store.corrections import Corrections
    from opencasb.store.custom_apps import CustomApps

_DIGITS: Final = 10
_ATTESTED: Final = ("attested_by", "attested_on")
_TEXTS: Final = ("key", "link", "remark", "attested_by", "attested_on", "expires")


class Refused(msgspec.Struct, frozen=True):
    """A rejected row: its line in CSV or number in JSON, and the reason."""

    line: int
    reason: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of an import; the counts add up to ``rows``."""

    rows: int
    added: int
    waiting: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...]


@dataclass(eq=False)
class Overlays:
    """Export and import of what tenants overlay on the catalog."""

    _custom_apps: CustomApps
    _corrections: Corrections
    _catalogs: TenantCatalogs
    _catalog_corrections: CatalogCorrections

    def export(self, tenant_id: int, form: Format) -> bytes:
        """Return a file of everything in effect, including corrections of apps no longer in the catalog."""
        return written(self._rows(tenant_id), form)

    def _rows(self, tenant_id: int) -> list[dict[str, Any]]:  # JSON
        accepted = self._corrections.all(tenant_id, states=[State.ACCEPTED])
        catalog = self._catalogs.of(tenant_id)
        known = {app_id: catalog.app(app_id) for app_id in {each.app_id for each in accepted} if app_id is not None}
        names = {app_id: app.name for app_id, app in known.items() if app is not None}
        return rows_of(self._custom_apps.all(tenant_id), accepted, names)

    def load(self, tenant_id: int, content: bytes, *, by: str) -> Imported:
        """Import the rows of a file in either format; rejected rows are reported, the rest is stored.

        Custom apps are matched by name, everything else by what it is about; existing entries stay unchanged.
        Raises :class:`~.overlay_file.OverlayFileError` if the file cannot be read at all, :class:`Conflict`.
        """
        rows, open_ones = list(read(content)), self._corrections.all(tenant_id, states=OPEN)
        loading = _Loading(open_ones)
        for row in rows:
            if row.fields.get("kind") == CUSTOM_APP:
                loading.attempt(row, lambda row: self._app(tenant_id, row.fields, loading, by))
        present = {_identity(row) for row in rows_of([], open_ones, {})}
        check = self._catalog_corrections.checker(tenant_id, by=by)
        for row in rows:
            if row.fields.get("kind") != CUSTOM_APP:
                loading.attempt(row, lambda row: loading.say(row, present, check))
        for kept in self._catalog_corrections.put_all(tenant_id, loading.said, by=by):
            loading.count("unchanged" if not kept.new else _OUTCOMES[kept.correction.state])
        return loading.result(len(rows))

    def _app(self, tenant_id: int, fields: Mapping[str, Any], loading: _Loading, by: str) -> None:
        given = checked_app(_custom_app(fields))
        there = {app.name.casefold(): app for app in self._custom_apps.all(tenant_id)}.get(given.name.casefold())
        described = {name: value for name, value in msgspec.structs.asdict(given).items() if name != "app_id"}
        if there is None:
            made = self._custom_apps.create(tenant_id, app_id=given.app_id, by=by, **described)
            loading.count("added")
        elif msgspec.structs.replace(given, app_id=there.app_id) == there:
            made = there
            loading.count("unchanged")
        else:
            made = self._custom_apps.update(tenant_id, there.app_id, by=by, **described) or there
            loading.count("changed")
        loading.ids[given.app_id] = made.app_id


_OUTCOMES: Final = {State.PENDING: "waiting", State.ACCEPTED: "added"}


class _Loading:
    """The state of an import in progress."""

    def __init__(self, open_ones: Iterable[Correction]) -> None:
        self.ids: dict[int, int] = {}
        self._open: dict[tuple[str, int | None, str], list[Statement]] = {}
        for each in open_ones:
            self._open.setdefault(each.slot, []).append(each.statement)
        self.said: list[Statement] = []
        self._lines: dict[tuple[str, int | None, str], int] = {}
        self._counts = dict.fromkeys(("added", "waiting", "changed", "unchanged"), 0)
        self._refused: list[Refused] = []

    def attempt(self, row: Row, take: Callable[[Row], None]) -> None:
        """Import a row, or record why it is rejected."""
        try:
            if row.problem:
                raise ValueError(row.problem)
            take(row)
        except ValueError as error:
            self._refused.append(Refused(row.line, str(error)))

    def say(self, row: Row, present: set[tuple[str, ...]], check: Callable[[Given], Statement]) -> None:
        """Queue a correction for storing, unless it exists already. Raises ``ValueError``."""
        given = _given(row.fields, self.ids)
        if _identity({**row.fields, "app_id": given.app_id}) in present:
            self.count("unchanged")
            return
        said = check(given)
        before = self._lines.setdefault(said.slot, row.line)
        if before != row.line:
            raise ValueError(f"line {before} speaks of the same")
        self.said.append(self._dated(said, row))

    def _dated(self, said: Statement, row: Row) -> Statement:
        """Return a statement, filling in a missing attestation from an equal statement made before."""
        silent = [name for name in _ATTESTED if not row.fields.get(name)]
        for each in self._open.get(said.slot, ()):
            again = msgspec.structs.replace(said, **{name: getattr(each, name) for name in silent})
            if each == again:
                return again
        return said

    def count(self, outcome: str) -> None:
        """Count one row under its outcome."""
        self._counts[outcome] += 1

    def result(self, rows: int) -> Imported:
        """Return the outcome for all rows."""
        ordered = tuple(sorted(self._refused, key=lambda each: each.line))
        return Imported(rows=rows, refused=ordered, **self._counts)


def _identity(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a comparable form of a row of either format: its CSV cells without the app name."""
    try:
        return cells({**fields, "app": None})
    except (TypeError, ValueError):  # a type that no cell can hold
        return ()


def _given(fields: Mapping[str, Any], ids: Mapping[int, int]) -> Given:
    app_id = _number("app_id", fields.get("app_id"))
    texts = {name: _text(name, fields.get(name)) for name in _TEXTS}
    return Given(
        expires=texts.pop("expires") or None,
        **texts,
        kind=_text("kind", fields.get("kind")),
        app_id=None if app_id is None else ids.get(app_id, app_id),
        value=fields.get("value"),
    )


def _custom_app(fields: Mapping[str, Any]) -> CustomApp:
    return CustomApp(
        app_id=_number("app_id", fields.get("app_id")) or 0,
        name=_text("app", fields.get("app")).strip(),
        category=_text("category", fields.get("category")) or UNCLASSIFIED,
        domains=_texts("domains", fields.get("domains")),
        networks=_texts("networks", fields.get("networks")),
        score=_number("score", fields.get("score")),
        vendor=_text("vendor", fields.get("vendor")) or None,
        notes=_text("notes", fields.get("notes")),
    )


def _number(name: str, value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise ValueError(f"{name} {str(value)[:100]!r} must be a whole number of at most {_DIGITS} digits")
    return int(text)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} {str(value)[:100]!r} must be text")  # noqa: TRY004 -- one kind of refusal
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    found: Iterable[object] = value if isinstance(value, list | tuple) else [] if value is None else [value]
    texts = tuple(each for each in found if isinstance(each, str))
    if len(texts) < len(list(found)):
        raise ValueError(f"{name} {str(value)[:100]!r} must be a list of texts")
    return texts
