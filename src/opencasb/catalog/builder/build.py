"""The build: a folder of open data in, the files of the catalog out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from opencasb.catalog.builder import curated as reviewed
from opencasb.catalog.builder import ip_ranges
from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.claims import label_of
from opencasb.catalog.builder.core_layer import core_apps
from opencasb.catalog.builder.domain_rows import domain_rows
from opencasb.catalog.builder.id_registry import IdRegistry
from opencasb.catalog.builder.materials import Materials, gather
from opencasb.catalog.builder.merge import LARGE_LIST
from opencasb.catalog.builder.notices import notices
from opencasb.catalog.builder.source_table import CURATED, Source
from opencasb.catalog.builder.write import (
    apps_frame,
    domains_frame,
    facts_frame,
    networks_frame,
    write_common,
    write_layer,
)
from opencasb.catalog.networks import disjoint
from opencasb.model.app import UNCLASSIFIED
from opencasb.model.layer import Layer


class BuildReport(NamedTuple):
    """Counts of a build. ``suspects`` are apps with many domains of unlike labels: to be looked at."""

    apps: int
    domains: int
    hidden_hosts: int
    classified: int
    intervals: int
    suspects: tuple[tuple[str, int], ...]


def build(root: Path, folder: Path, curated: reviewed.Curated | None = None) -> BuildReport:
    """Build the catalog from the sources below ``root`` into ``folder``, keeping the ids registered there.

    ``curated`` are the reviewed facts, those of the package by default. Raises ValueError where a well-known id is
    registered for another app.
    """
    materials = gather(root, curated)
    apps = core_apps(materials)
    register = IdRegistry.read(folder / "ids.csv", materials.curated.reserved)
    for app in apps:
        if app.known_id is not None:
            register.claim(app.key, app.known_id)
    ids = register.assign([(app.key, tuple(app.domains)) for app in apps])
    private = [rule for rule in materials.rules[1] if rule[0] not in "*!"]
    rows = domain_rows(apps, ids, materials.curated.platform, private, materials.suffixes)
    owners = {row.domain: row.app_id for row in rows}
    intervals = disjoint(ip_ranges.prefixes(ip_ranges.read_ranges(root), owners))
    frames = {
        "apps": apps_frame(apps, ids, {}),
        "domains": domains_frame(rows),
        "networks": networks_frame(intervals),
        "facts": facts_frame([]),
    }
    used = _used("core", materials)
    write_layer(folder / "core", frames, used, notices("core", used))
    write_common(folder, materials.rules, register.text())
    return _report(apps, len(rows), len(intervals))


def _used(layer: Layer, materials: Materials) -> list[Source]:
    """Return the sources of a layer; the date of the reviewed facts is that of the last review."""
    return [
        msgspec.structs.replace(source, date=materials.curated.reviewed) if source.id == CURATED else source
        for source in materials.table.values()
        if source.layer == layer
    ]


def _report(apps: Sequence[Assembled], rows: int, intervals: int) -> BuildReport:
    domains = sum(len(app.domains) for app in apps)
    suspects = []
    for app in apps:
        labels = {label_of(domain) for domain in app.domains}
        if len(labels) > LARGE_LIST:
            suspects.append((app.name.value, len(app.domains)))
    return BuildReport(
        apps=len(apps),
        domains=domains,
        hidden_hosts=rows - domains,
        classified=sum(app.category.value != UNCLASSIFIED for app in apps),
        intervals=intervals,
        suspects=tuple(suspects),
    )
