"""The build: a folder of open data in, the files of the catalog out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from opencasb.catalog.builder import curated as reviewed
from opencasb.catalog.builder import ip_ranges
from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.core_layer import core_apps
from opencasb.catalog.builder.domain_rows import DomainFact, domain_rows
from opencasb.catalog.builder.facts.attach import Facts, attach
from opencasb.catalog.builder.facts.gather import findings
from opencasb.catalog.builder.facts.subjects import Subjects
from opencasb.catalog.builder.id_registry import IdRegistry
from opencasb.catalog.builder.materials import Materials, gather
from opencasb.catalog.builder.notices import notices
from opencasb.catalog.builder.report import BuildReport, Previous, report_of
from opencasb.catalog.builder.sharealike_layer import ShareAlike, sharealike
from opencasb.catalog.builder.source_table import CURATED, Source
from opencasb.catalog.builder.write import (
    additions_frame,
    apps_frame,
    domains_frame,
    facts_frame,
    networks_frame,
    write_common,
    write_hosts,
    write_layer,
)
from opencasb.catalog.gold import WELL_KNOWN
from opencasb.catalog.networks import disjoint
from opencasb.catalog.score_frame import points_frame, scores
from opencasb.model.layer import Layer

Progress = Callable[[str, int, int], None]
"""Called before each step with what it does, its number from 0, and the number of steps."""

STEPS: Final = ("reading", "merging", "adding the share-alike layer", "collecting facts", "scoring", "writing")


@dataclass(frozen=True, slots=True)
class Built:
    """A catalog before it is written: apps and domain rows of each layer, and ids by key."""

    apps: Mapping[Layer, Sequence[Assembled]]
    rows: Mapping[Layer, Sequence[DomainFact]]
    facts: Mapping[Layer, Facts]
    more: ShareAlike
    ids: Mapping[str, int]


def build(
    root: Path, folder: Path, curated: reviewed.Curated | None = None, progress: Progress | None = None
) -> BuildReport:
    """Build the catalog from the sources below ``root`` into ``folder``, keeping the ids registered there.

    ``curated`` are the reviewed facts, those of the package by default. The report compares with what was in the
    folder. Raises ValueError where a well-known id is registered for another app.
    """
    steps = enumerate(STEPS)

    def step() -> None:
        at, name = next(steps)
        if progress is not None:
            progress(name, at, len(STEPS))

    previous = Previous.read(folder)
    step()
    materials = gather(root, curated)
    step()
    core = core_apps(materials)
    step()
    more = sharealike(materials, core)
    register = IdRegistry.read(folder / "ids.csv", materials.curated.reserved)
    ids = _ids(register, core, more.apps)
    step()
    built = _with_facts(materials, core, more, ids)
    step()
    frames = _frames(materials, built)
    step()
    for layer, found in frames.items():
        used = _used(layer, materials)
        write_layer(folder / layer, found, used, notices(layer, used))
    write_common(folder, materials.rules, register.text())
    write_hosts(folder)
    return report_of(built.apps, built.rows, built.facts, ids, previous.compared(folder))


def _ids(register: IdRegistry, core: Sequence[Assembled], more: Sequence[Assembled]) -> dict[str, int]:
    """Return the id of each app by key; those of core are given first, so that they do not depend on the rest."""
    for app in core:
        if app.known_id is not None:
            register.claim(app.key, app.known_id)
    ids = register.assign([(app.key, tuple(app.domains)) for app in core])
    return ids | register.assign([(app.key, tuple(app.domains)) for app in more])


def _with_facts(materials: Materials, core: Sequence[Assembled], more: ShareAlike, ids: Mapping[str, int]) -> Built:
    own = list(more.apps)
    further = [(domain, app) for app in core for domain in _added(more, app)]
    of_core = attach(
        findings("core", materials, [*core, *own]), Subjects(core, (), materials.judge), ids, materials.table
    )
    of_others = attach(of_core.strangers, Subjects(own, (), materials.judge), ids, materials.table)
    everybody = Subjects([*core, *own], further, materials.judge)
    of_share = attach(findings("sharealike", materials, own), everybody, ids, materials.table)
    of_share.rows = sorted([*of_share.rows, *of_others.rows], key=lambda row: row[:2])
    of_share.conflicts += of_others.conflicts
    of_share.bad_values += of_others.bad_values
    return Built(
        apps={"core": core, "sharealike": own},
        rows=_rows(materials, core, more, ids),
        facts={"core": of_core, "sharealike": of_share},
        more=more,
        ids=ids,
    )


def _added(more: ShareAlike, app: Assembled) -> Mapping[str, str]:
    addition = more.additions.get(app.key)
    return addition.domains if addition else {}


def _rows(
    materials: Materials, core: Sequence[Assembled], more: ShareAlike, ids: Mapping[str, int]
) -> dict[Layer, list[DomainFact]]:
    curated = materials.curated
    private = [rule for rule in materials.rules[1] if rule[0] not in "*!" and rule not in curated.tenantless]
    first = domain_rows(core, ids, curated.platforms, private, materials.suffixes, curated.regional_hosts)
    taken = {row.domain for row in first}
    second = domain_rows(more.apps, ids, (), private, materials.suffixes)
    second += [
        DomainFact(
            domain=domain,
            app_id=ids[app.key],
            source=source,
            shown=True,
            tenants=False,
            registrable=materials.suffixes.registrable(domain),
        )
        for app in core
        for domain, source in sorted(_added(more, app).items())
    ]
    return {"core": first, "sharealike": [row for row in second if row.domain not in taken]}


def _frames(materials: Materials, built: Built) -> dict[Layer, dict[str, pl.DataFrame]]:
    intervals = disjoint(
        ip_ranges.prefixes(
            ip_ranges.read_ranges(materials.root),
            {row.domain: row.app_id for row in built.rows["core"]},
            materials.curated.networks,
        )
    )
    facts = {layer: facts_frame(found.rows) for layer, found in built.facts.items()}
    alone = _scores(facts["core"])
    together = _scores(pl.concat(facts.values()).sort("app_id", "factor", maintain_order=True))
    return {
        "core": {
            "apps": apps_frame(built.apps["core"], built.ids, alone),
            "domains": domains_frame(built.rows["core"]),
            "networks": networks_frame(intervals),
            "facts": facts["core"],
        },
        "sharealike": {
            "apps": apps_frame(built.apps["sharealike"], built.ids, together),
            "domains": domains_frame(built.rows["sharealike"]),
            "facts": facts["sharealike"],
            "additions": additions_frame(
                materials, built.apps["core"], built.more.additions, built.ids, (alone, together)
            ),
        },
    }


def _scores(facts: pl.DataFrame) -> dict[int, int]:
    return dict(scores(points_frame(facts)).select("app_id", "score").drop_nulls().iter_rows())


def _used(layer: Layer, materials: Materials) -> list[Source]:
    """Return the sources of a layer; the date of our own is that of the last review."""
    reviewed = {CURATED: materials.curated.reviewed, WELL_KNOWN: materials.gold.reviewed}
    return [
        msgspec.structs.replace(source, date=reviewed.get(source.id) or source.date)
        for source in materials.table.values()
        if source.layer == layer
    ]
