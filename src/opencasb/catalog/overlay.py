"""A tenant's overlay on the catalog: its own apps and corrections of listed ones. The shipped data never changes.

A correction of an app that is no longer in the catalog has no effect but is kept: the app may come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec
import polars as pl

from opencasb.catalog.match import DomainRow
from opencasb.catalog.scoring import AS_SHIPPED, Scoring
from opencasb.catalog.suffixes import punycode
from opencasb.model.app import CustomApp
from opencasb.model.correction import UNKNOWN, Kind, Statement

NO_APP: Final = -1
"""Placeholder in host tables for a domain that belongs to no app."""

SOURCE: Final = "tenant"
"""The source of facts that the tenant attested."""

PROBE: Final = "probe"
"""The source of facts measured from outside."""

_VENDOR: Final = "vendor"


@dataclass(frozen=True)
class Overlay:
    """Custom apps, effective corrections, the tenant's scoring, and the facts that probes measured."""

    custom: tuple[CustomApp, ...] = ()
    corrections: tuple[Statement, ...] = ()
    scoring: Scoring = AS_SHIPPED
    measured: tuple[Statement, ...] = ()

    def __bool__(self) -> bool:
        """Return whether the overlay contains anything."""
        return bool(self.custom or self.corrections or self.scoring or self.measured)

    @property
    def states_facts(self) -> bool:
        """Return whether it changes any facts."""
        return bool(self.measured or self.of(Kind.FACT))

    def of(self, kind: Kind) -> list[Statement]:
        """Return the corrections of one kind."""
        return [each for each in self.corrections if each.kind is kind]

    @property
    def own_scores(self) -> dict[int, int]:
        """The scores that come with custom apps."""
        return {app.app_id: app.score for app in self.custom if app.score is not None}

    @cached_property
    def domains(self) -> dict[str, int | None]:
        """Corrected domain → its app, or None if it belongs to none."""
        return {each.key: each.app_id for each in self.of(Kind.DOMAIN)}

    def owned(self, known: Mapping[int, int]) -> dict[str, int | None]:
        """Return those of :attr:`domains` whose apps are ``known``."""
        return {name: app_id for name, app_id in self.domains.items() if app_id is None or app_id in known}


NOTHING: Final = Overlay()


def apps_with(listed: pl.DataFrame, overlay: Overlay) -> pl.DataFrame:
    """Return a catalog's apps with the tenant's own first and all corrections applied."""
    own: list[tuple[object, ...]] = [
        (app.app_id, app.name, app.category, list(app.domains), app.score, app.vendor, []) for app in overlay.custom
    ]
    apps = pl.concat([pl.DataFrame(own, schema=listed.schema, orient="row"), listed]) if own else listed
    vendors = [each for each in overlay.of(Kind.FACT) if each.key == _VENDOR]
    texts: dict[str, dict[int | None, object]] = {
        "name": {each.app_id: each.value for each in overlay.of(Kind.NAME)},
        "category": {each.app_id: each.value for each in overlay.of(Kind.CATEGORY)},
        "vendor": {each.app_id: _text(each.value) for each in vendors},
    }
    for column, corrected in texts.items():
        apps = _replaced(apps, column, corrected)
    moved = overlay.owned(dict.fromkeys(apps["app_id"], 0))
    return _replaced(apps, "domains", _domains(apps, moved)) if moved else apps


def _replaced(apps: pl.DataFrame, column: str, values: Mapping[int | None, object]) -> pl.DataFrame:
    """Return the apps with a column's values replaced by app id; null counts as a value."""
    if not values:
        return apps
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "app_id": pl.Int64,
        "corrected": apps.schema[column],
        "is_corrected": pl.Boolean,
    }
    rows = [(app_id, value, True) for app_id, value in values.items()]
    joined = apps.join(pl.DataFrame(rows, schema=schema, orient="row"), on="app_id", how="left", maintain_order="left")
    chosen = pl.when(pl.col("is_corrected")).then("corrected").otherwise(column).alias(column)
    return joined.with_columns(chosen).select(apps.columns)


def _domains(apps: pl.DataFrame, moved: Mapping[str, int | None]) -> dict[int | None, list[str]]:
    """Return the domains of each app that gains or loses one."""
    names, gaining = list(moved), [app_id for app_id in moved.values() if app_id is not None]
    loses = pl.col("domains").list.eval(pl.element().is_in(names)).list.any()
    touched = apps.select("app_id", "domains").filter(loses | pl.col("app_id").is_in(gaining))
    return {
        app_id: [
            *(name for name in domains if moved.get(name, app_id) == app_id),
            *(name for name, owner in moved.items() if owner == app_id and name not in domains),
        ]
        for app_id, domains in touched.iter_rows()
    }


def host_rows(
    overlay: Overlay,
    known: Mapping[int, int],
    registrable: Callable[[str], str | None],
    shipped_within: Callable[[Sequence[str]], Iterable[DomainRow]],
) -> list[DomainRow]:
    """Return the domains to match before the catalog's own; the first of equal ones wins.

    A custom app owns everything below its domains. A corrected domain covers all but the longer ones that the catalog
    lists: ``shipped_within`` returns the catalog's domains at and below some domains.
    """
    rows = [
        DomainRow(name, app.app_id, tenants=False, registrable=registrable(name) or name)
        for app in overlay.custom
        for name in (punycode(text.strip().removeprefix("*").strip(".")) for text in app.domains)
        if name
    ]
    moved = overlay.owned(known)
    if not moved:
        return rows
    shipped = {row.domain: row for row in shipped_within(list(moved))}
    for name, app_id in moved.items():
        listed = shipped.pop(name, None)
        # An app outside the catalog is known by its domain: by another one than this it would be the listed app again.
        shown = name if app_id is None else (listed and listed.registrable) or registrable(name) or name
        platform = app_id is not None and listed is not None and listed.tenants
        rows.append(DomainRow(name, NO_APP if app_id is None else app_id, tenants=platform, registrable=shown))
    return [*rows, *shipped.values()]


def facts_with(shipped: pl.DataFrame, overlay: Overlay, known: Mapping[int, int]) -> pl.DataFrame:
    """Return the facts with the tenant's attestations first, then measurements, then the others.

    A fact attested as unknown removes the catalog's value.
    """
    attested = [each for each in overlay.of(Kind.FACT) if each.app_id in known]
    measured = [each for each in overlay.measured if each.app_id in known]
    if not attested and not measured:
        return shipped
    void = [(each.app_id, each.key) for each in attested if each.value == UNKNOWN]
    rows = [_fact(each) for each in attested if each.value != UNKNOWN]
    keys = {name: shipped.schema[name] for name in ("app_id", "factor")}
    taken = pl.DataFrame(void, schema=keys, orient="row")
    own, seen = (
        pl.DataFrame(each, schema=shipped.schema, orient="row") for each in (rows, [_measured(m) for m in measured])
    )
    others = pl.concat([seen, shipped]).join(taken, on=list(keys), how="anti", maintain_order="left")
    return pl.concat([own, others]).sort("app_id", "factor", maintain_order=True)


def _fact(said: Statement) -> tuple[object, ...]:
    method = f"attested by {said.attested_by}" if said.attested_by else "attested"
    return said.app_id, said.key, said.value, SOURCE, said.attested_on, "high", method, said.link or None


def _measured(said: Statement) -> tuple[object, ...]:
    return said.app_id, said.key, said.value, PROBE, said.attested_on, "high", said.remark, said.link


def _text(value: str) -> str | None:
    return None if value == UNKNOWN else msgspec.json.decode(value.encode(), type=str)
