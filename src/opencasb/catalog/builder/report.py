"""What a build made: counts, contradictions of the sources, suspicious apps, changes since the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import msgspec

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.claims import label_of
from opencasb.catalog.builder.domain_rows import DomainFact
from opencasb.catalog.builder.facts.attach import Conflict, Facts
from opencasb.catalog.builder.merge import LARGE_LIST
from opencasb.catalog.shipped import CatalogFiles
from opencasb.model.app import TRACKER, UNCLASSIFIED
from opencasb.model.layer import LAYERS, Layer

_COMPARED: Final = ("name", "category", "domains")


class LayerCounts(msgspec.Struct, frozen=True):
    """The counts of one layer."""

    apps: int
    classified: int
    trackers: int
    domains: int
    hidden_hosts: int
    facts: int
    apps_with_facts: int
    bad_values: int


class LargeApp(msgspec.Struct, frozen=True):
    """An app with more than thirty domains.

    ``brands`` are the names in domains that do not contain that of the main one; with more than thirty of them the app
    may have swallowed strangers and is ``suspect``.
    """

    app_id: int
    name: str
    domains: int
    brands: int
    suspect: bool


class Change(msgspec.Struct, frozen=True):
    """An app of the build before that is described differently now."""

    app_id: int
    name: str
    was: dict[str, object]
    now: dict[str, object]


class BuildReport(msgspec.Struct, frozen=True):
    """What a build made. ``new``, ``changed`` and ``vanished`` compare with the build before in the same folder."""

    apps: int
    layers: dict[Layer, LayerCounts]
    conflicts: list[Conflict]
    large: list[LargeApp]
    new: list[tuple[int, str]]
    changed: list[Change]
    vanished: list[tuple[int, str]]

    @property
    def conflicts_by_factor(self) -> dict[str, Counter[str]]:
        """Factor → how often each source was believed when sources disagreed."""
        won: dict[str, Counter[str]] = {}
        for conflict in self.conflicts:
            won.setdefault(conflict.factor, Counter())[conflict.values[0][0]] += 1
        return won


class _Described(NamedTuple):
    name: str
    category: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Previous:
    """The apps of the build before by id; none where the folder had none."""

    apps: Mapping[int, _Described]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the apps of a folder that a build wrote."""
        if not (folder / "core" / "apps.parquet").exists():
            return cls({})
        frame = CatalogFiles(folder).apps.select("app_id", *_COMPARED)
        return cls({row[0]: _Described(row[1], row[2], tuple(row[3])) for row in frame.iter_rows()})

    def compared(self, folder: Path) -> tuple[list[tuple[int, str]], list[Change], list[tuple[int, str]]]:
        """Return the new, the changed and the vanished apps of the folder as it is now."""
        if not self.apps:
            return [], [], []
        now = self.read(folder).apps
        new = [(app_id, app.name) for app_id, app in sorted(now.items()) if app_id not in self.apps]
        vanished = [(app_id, app.name) for app_id, app in sorted(self.apps.items()) if app_id not in now]
        both = [(app_id, self.apps[app_id], app) for app_id, app in sorted(now.items()) if app_id in self.apps]
        return new, [_change(*pair) for pair in both if pair[1] != pair[2]], vanished


def _change(app_id: int, before: _Described, after: _Described) -> Change:
    differing = [name for name in _COMPARED if getattr(before, name) != getattr(after, name)]
    was, now = ({name: getattr(app, name) for name in differing} for app in (before, after))
    return Change(app_id, after.name, was, now)


def report_of(
    apps: Mapping[Layer, Sequence[Assembled]],
    rows: Mapping[Layer, Sequence[DomainFact]],
    facts: Mapping[Layer, Facts],
    ids: Mapping[str, int],
    changes: tuple[list[tuple[int, str]], list[Change], list[tuple[int, str]]],
) -> BuildReport:
    """Return the report of a build."""
    new, changed, vanished = changes
    return BuildReport(
        apps=len(ids),
        layers={layer: _counts(apps[layer], rows[layer], facts[layer]) for layer in LAYERS},
        conflicts=[conflict for layer in LAYERS for conflict in facts[layer].conflicts],
        large=_large(apps, rows, ids),
        new=new,
        changed=changed,
        vanished=vanished,
    )


def _counts(apps: Sequence[Assembled], rows: Sequence[DomainFact], facts: Facts) -> LayerCounts:
    shown = sum(row.shown for row in rows)
    return LayerCounts(
        apps=len(apps),
        classified=sum(app.category.value != UNCLASSIFIED for app in apps),
        trackers=sum(TRACKER in app.flags for app in apps),
        domains=shown,
        hidden_hosts=len(rows) - shown,
        facts=len(facts.rows),
        apps_with_facts=len({row.app_id for row in facts.rows}),
        bad_values=facts.bad_values,
    )


def _large(
    apps: Mapping[Layer, Sequence[Assembled]], rows: Mapping[Layer, Sequence[DomainFact]], ids: Mapping[str, int]
) -> list[LargeApp]:
    domains: dict[int, list[str]] = {}
    for row in (row for layer in LAYERS for row in rows[layer] if row.shown):
        domains.setdefault(row.app_id, []).append(row.domain)
    names = {ids[app.key]: app.name.value for layer in LAYERS for app in apps[layer]}
    large = []
    for app_id, held in domains.items():
        if len(held) > LARGE_LIST:
            brands = len(unlike(held))
            large.append(LargeApp(app_id, names[app_id], len(held), brands, suspect=brands > LARGE_LIST))
    return sorted(large, key=lambda app: (-app.domains, app.app_id))


def unlike(domains: Sequence[str]) -> set[str]:
    """Return the labels of domains that do not contain that of the first one."""
    labels = [label_of(domain) for domain in domains]
    return {label for label in labels if labels[0] not in label}
