"""Writing the catalog: columnar files, the same bytes for the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.domain_rows import DomainFact
from opencasb.catalog.builder.notices import notices
from opencasb.catalog.builder.source_table import Source
from opencasb.catalog.networks import Prefix
from opencasb.catalog.suffixes import PRIVATE_SECTION

if TYPE_CHECKING:
    import polars as pl

_SUFFIX_HEADER = """\
// Rules of the Public Suffix List (https://publicsuffix.org) bundled with tldextract; comments removed, sorted.
// This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not
// distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.
"""


def apps_frame(apps: Sequence[Assembled], ids: Mapping[str, int]) -> pl.DataFrame:
    """Return the apps ordered by id, each fact beside the id of its source."""
    import polars as pl

    ordered = sorted(apps, key=lambda app: ids[app.key])
    return pl.DataFrame(
        {
            "app_id": pl.Series([ids[app.key] for app in ordered], dtype=pl.Int32),
            "name": [app.name.value for app in ordered],
            "name_source": pl.Series([app.name.source for app in ordered], dtype=pl.String),
            "category": [app.category.value for app in ordered],
            "category_source": pl.Series([app.category.source for app in ordered], dtype=pl.String),
            "vendor": pl.Series([app.vendor.value or None for app in ordered], dtype=pl.String),
            "vendor_source": pl.Series([app.vendor.source for app in ordered], dtype=pl.String),
            "flags": pl.Series([sorted(app.flags) for app in ordered], dtype=pl.List(pl.String)),
            "evidence": pl.Series([app.evidence for app in ordered], dtype=pl.String),
        }
    )


def domains_frame(rows: Iterable[DomainFact]) -> pl.DataFrame:
    """Return the domain rows by app; the shown domains of an app keep their order, the main one first."""
    import polars as pl

    ordered = sorted(rows, key=lambda row: (row.app_id, not row.shown))
    return pl.DataFrame(
        {
            "domain": [row.domain for row in ordered],
            "app_id": pl.Series([row.app_id for row in ordered], dtype=pl.Int32),
            "source": [row.source for row in ordered],
            "shown": [row.shown for row in ordered],
            "tenants": [row.tenants for row in ordered],
            "registrable": pl.Series([row.registrable for row in ordered], dtype=pl.String),
        }
    )


def networks_frame(intervals: Iterable[Prefix]) -> pl.DataFrame:
    """Return the intervals; addresses as numbers of 17 bytes, see :mod:`opencasb.catalog.networks`."""
    import polars as pl

    kept = list(intervals)
    return pl.DataFrame(
        {
            "first": pl.Series([interval.first.to_bytes(17) for interval in kept], dtype=pl.Binary),
            "last": pl.Series([interval.last.to_bytes(17) for interval in kept], dtype=pl.Binary),
            "app_id": pl.Series([interval.app_id for interval in kept], dtype=pl.Int32),
        }
    )


def write(
    folder: Path,
    frames: Mapping[str, pl.DataFrame],
    sources: Iterable[Source],
    suffix_rules: tuple[Sequence[str], Sequence[str]],
    register: str,
) -> None:
    """Write the files of a catalog into ``folder``: frames as Parquet, sources, notices, suffixes and ids as text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet", compression="zstd", compression_level=19, statistics=False)
    used = list(sources)
    public, private = suffix_rules
    texts = {
        "sources.json": msgspec.json.format(msgspec.json.encode(used), indent=1).decode() + "\n",
        "NOTICES.md": notices(used),
        "public_suffixes.txt": "\n".join([_SUFFIX_HEADER.rstrip(), *public, PRIVATE_SECTION, *private]) + "\n",
        "ids.csv": register,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", newline="\n")
