"""Writing the catalog: columnar files, the same bytes for the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.domain_rows import DomainFact
from opencasb.catalog.builder.facts.finding import FactRow
from opencasb.catalog.builder.materials import Materials
from opencasb.catalog.builder.sharealike_layer import Addition
from opencasb.catalog.builder.source_table import Source
from opencasb.catalog.networks import Prefix
from opencasb.catalog.shipped import HOSTS, CatalogFiles, CatalogSource
from opencasb.catalog.suffixes import PRIVATE_SECTION
from opencasb.model.layer import LAYERS

_SUFFIX_HEADER = """\
// Rules of the Public Suffix List (https://publicsuffix.org) bundled with tldextract; comments removed, sorted.
// This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not
// distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.
"""

_IDENTITY: Final = ("category", "category_source", "vendor", "vendor_source")


def apps_frame(apps: Sequence[Assembled], ids: Mapping[str, int], scores: Mapping[int, int]) -> pl.DataFrame:
    """Return the apps ordered by id, each fact beside the id of its source, with the scores by id."""
    rows = []
    for app in sorted(apps, key=lambda app: ids[app.key]):
        vendor = (app.vendor.value or None, app.vendor.source)
        score = scores.get(ids[app.key])
        rows.append((ids[app.key], *app.name, *app.category, *vendor, sorted(app.flags), app.evidence, score))
    texts = dict.fromkeys(("name", "name_source", *_IDENTITY), pl.String())
    schema = {"app_id": pl.Int32(), **texts, "flags": pl.List(pl.String), "evidence": pl.String(), "score": pl.Int8()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def additions_frame(
    materials: Materials,
    apps: Sequence[Assembled],
    additions: Mapping[str, Addition],
    ids: Mapping[str, int],
    scores: tuple[Mapping[int, int], Mapping[int, int]],
) -> pl.DataFrame:
    """Return what a further layer knows about apps of core; ``scores`` are those by core's facts and by all facts."""
    rows = []
    for app in sorted(apps, key=lambda app: ids[app.key]):
        row = _addition(materials, app, additions.get(app.key))
        alone, together = (by_id.get(ids[app.key]) for by_id in scores)
        if any(row) or alone != together:
            rows.append((ids[app.key], *row, together if alone != together else None))
    texts = dict.fromkeys(_IDENTITY, pl.String())
    schema = {"app_id": pl.Int32(), **texts, "flags": pl.List(pl.String), "score": pl.Int8()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _addition(
    materials: Materials, app: Assembled, addition: Addition | None
) -> tuple[str | None, str | None, str | None, str | None, list[str]]:
    """Return category and vendor with their sources, where core leaves them open, and further flags."""
    if addition is None:
        return None, None, None, None, []
    category, vendor = addition.category(app, materials), addition.vendor(app)
    flags = sorted(addition.flags(app, category.value))
    return category.value or None, category.source, vendor.value or None, vendor.source, flags


def domains_frame(rows: Iterable[DomainFact]) -> pl.DataFrame:
    """Return the domain rows by app; the shown domains of an app keep their order, the main one first."""
    ordered = sorted(rows, key=lambda row: (row.app_id, not row.shown))
    flags = {"shown": pl.Boolean, "tenants": pl.Boolean}
    schema = {"domain": pl.String, "app_id": pl.Int32, "source": pl.String, **flags, "registrable": pl.String}
    return pl.DataFrame(list(map(msgspec.structs.astuple, ordered)), schema=schema, orient="row")


def networks_frame(intervals: Iterable[Prefix]) -> pl.DataFrame:
    """Return the intervals; addresses as numbers of 17 bytes, see :mod:`opencasb.catalog.networks`."""
    rows = [(first.to_bytes(17), last.to_bytes(17), app_id) for first, last, app_id in intervals]
    return pl.DataFrame(rows, schema={"first": pl.Binary, "last": pl.Binary, "app_id": pl.Int32}, orient="row")


def facts_frame(facts: Iterable[FactRow]) -> pl.DataFrame:
    """Return the risk facts by app and factor, the most believed of several first."""
    schema = {**dict.fromkeys(FactRow._fields, pl.String), "app_id": pl.Int32}
    return pl.DataFrame(list(facts), schema=schema, orient="row")


def write_layer(folder: Path, frames: Mapping[str, pl.DataFrame], sources: Iterable[Source], notice: str) -> None:
    """Write one layer into ``folder``: frames as Parquet, sources and notices as text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        _write_frame(folder / f"{name}.parquet", frame)
    described = [{name: getattr(source, name) for name in CatalogSource.__struct_fields__} for source in sources]
    text = msgspec.json.format(msgspec.json.encode(described), indent=1).decode() + "\n"
    _write(folder / "sources.json", text)
    _write(folder / "NOTICES.md", notice)


def write_common(folder: Path, suffix_rules: tuple[Sequence[str], Sequence[str]], register: str) -> None:
    """Write what no layer owns: the public suffixes and the register of ids."""
    public, private = suffix_rules
    rules = "\n".join([_SUFFIX_HEADER.rstrip(), *public, PRIVATE_SECTION, *private]) + "\n"
    _write(folder / "public_suffixes.txt", rules)
    _write(folder / "ids.csv", register)


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8", newline="\n")
    part.replace(path)  # a server may read the file that was there


def _write_frame(path: Path, frame: pl.DataFrame) -> None:
    part = path.with_name(f"{path.name}.part")
    frame.write_parquet(part, compression="zstd", compression_level=19, statistics=False)
    part.replace(path)


def write_hosts(folder: Path) -> None:
    """Compile the domains of each layer together with those of the layers before it, once everything is written."""
    for count, layer in enumerate(LAYERS, start=1):
        if (folder / layer).is_dir():
            frame = CatalogFiles(folder, LAYERS[:count]).compiled_hosts()
            _write_frame(folder / layer / HOSTS, frame)
