"""Hosts to apps: the longest suffix that the catalog knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from opencasb.catalog.suffix_index import SuffixIndex, backwards, one_text
from opencasb.catalog.suffixes import NO_SUFFIXES, PublicSuffixes, punycode

if TYPE_CHECKING:
    import polars as pl

SERVICE_LABELS: Final = tuple(  # a list of words reads better as words
    """
    www www2 www3 m mobile api apis app apps auth login signin signup sso id oauth account accounts my admin
    assets static cdn media img images content files download downloads upload uploads docs doc help support
    status blog community dev developer developers edge events email mail smtp go get info learn link links news
    partners portal preview search secure shop store tracking trust web ws wss
    """.split()  # noqa: SIM905
)
"""Labels below a platform that are the platform's own rather than a customer's."""

SLICE: Final = 100_000
"""Hosts looked up at once: few enough for the processor's cache, which makes a million an eighth faster."""

_ODD: Final = (":", " ", "\t", "\r", "\x0b", "\x0c")
"""What a host name is cleaned of, besides dots at its ends."""


class DomainRow(NamedTuple):
    """A domain of an app.

    ``tenants``: the labels below it are customers. ``registrable`` is the domain shown in reports, None for a
    top-level domain that is one brand's. A ``domain`` such as ``*-my.sharepoint.com`` stands for the customers of
    ``sharepoint.com`` whose label ends so.
    """

    domain: str
    app_id: int
    tenants: bool
    registrable: str | None


def rows_frame(rows: Iterable[DomainRow]) -> pl.DataFrame:
    """Return rows as columns."""
    import polars as pl

    schema = {"domain": pl.String, "app_id": pl.Int64, "tenants": pl.Boolean, "registrable": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


class HostTable:
    """Domains of apps, for matching hosts by their longest suffix, and the registrable domains of all other hosts."""

    def __init__(self, domains: pl.DataFrame, suffixes: PublicSuffixes = NO_SUFFIXES) -> None:
        """Take the fields of :class:`DomainRow` as columns; of two rows for one domain the first wins."""
        import polars as pl

        self._suffixes = suffixes
        self._rows = domains.select(
            pl.col("app_id").cast(pl.Int64),
            "tenants",
            pl.col("domain").str.len_chars().alias("length"),
            pl.col("registrable").alias("domain"),
        )
        numbered = domains.select(pl.col("domain").alias("name"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
        is_pattern = pl.col("name").str.starts_with("*")
        named = numbered.filter(~is_pattern).unique("name", keep="first")
        self._patterns = list(self._endings(numbered.filter(is_pattern), named))
        self._index = SuffixIndex(named.join(suffixes.bases, on="name", how="full", coalesce=True))

    def _endings(self, patterns: pl.DataFrame, named: pl.DataFrame) -> Iterator[tuple[str, int, int]]:
        """Yield ending, row of the platform and app of each pattern whose platform is known; the first given last."""
        for pattern, row in patterns.reverse().iter_rows():
            ending, _, platform = pattern[1:].partition(".")
            for at in named.filter(named["name"] == platform)["row"]:
                yield ending, at, self._rows["app_id"][row]

    def look_up(self, names: pl.Series, keys: pl.Series) -> pl.DataFrame:
        """Return app_id, domain and instance of normalised hosts, given also :func:`backwards`; see `match_hosts`.

        ``domain`` is null for names inside the house.
        """
        import polars as pl

        found = self._index.find(keys)
        rows = self._rows.select(pl.col("app_id", "tenants", "domain").gather(found["row"]))
        found = found.with_columns(
            *rows, names.alias("name"), keys.alias("key"), pl.lit(None, pl.String).alias("instance")
        )
        unsaid = found["domain"].is_null().arg_true()
        if not unsaid.is_empty():
            found = self._unsaid(found, unsaid)
        platforms = found["tenants"].arg_true()
        if not platforms.is_empty():
            found = self._with_instances(found, platforms)
        return found.select("app_id", "domain", "instance")

    def _unsaid(self, found: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
        """Add the registrable domains that no row says.

        A bare label is a machine of the house, even if a brand has bought it as a top-level domain.
        """
        import polars as pl

        some = found.select(pl.col("name", "key", "rule", "app_id").gather(at))
        domains = self._suffixes.registrable_all(some["name"], some["key"], some["rule"])
        found = found.with_columns(found["domain"].scatter(at, domains))
        bare = pl.col("app_id").is_not_null() & ~pl.col("name").str.contains(".", literal=True)
        brands = at.filter(some.select(bare).to_series())
        return found if brands.is_empty() else found.with_columns(found["app_id"].scatter(brands, None))

    def _with_instances(self, found: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
        """Add the customers' hosts; where a pattern fits, the app is that of the pattern."""
        import polars as pl

        name, row = pl.col("name"), pl.col("row").gather(at)
        length = self._rows["length"].gather(found["row"].gather(at)) + 1
        label = pl.col("key").gather(at).str.slice(length).str.splitn(".", 2).struct[0].str.len_chars()
        below = found.select(
            pl.lit(at).alias("at"), row, label.alias("label"), name.gather(at).str.tail(length + label)
        )
        below = below.filter((pl.col("label") > 0) & ~name.str.head("label").is_in(SERVICE_LABELS))
        apps = found["app_id"]
        for ending, platform, other in self._patterns:
            fits = (pl.col("row") == platform) & name.str.head("label").str.ends_with(ending)
            apps = apps.scatter(below.filter(fits)["at"], other)
        return found.with_columns(apps, found["instance"].scatter(below["at"], below["name"]))


def normalised(hosts: pl.Series) -> pl.Series:
    """Return host names in lower-case ASCII without blanks, port, leading and final dots; null becomes empty."""
    return _prepared(hosts)[0]


def _prepared(hosts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return normalised hosts, and these :func:`backwards`."""
    import polars as pl

    names = hosts.cast(pl.String).fill_null("")
    text = one_text(names)
    if _is_normalised(names, text):
        return names, backwards(names, text)
    names = _cleaned(names)
    return names, backwards(names)


def _is_normalised(names: pl.Series, text: str | None) -> bool:
    """Tell whether there is nothing to do, as with hosts of parsed logs, in a fifth of the time of doing it."""
    return (
        text is not None
        and text.isascii()
        and text == text.lower()
        and not any(mark in text for mark in _ODD)
        and not names.str.starts_with(".").any()
        and not names.str.ends_with(".").any()
    )


def _cleaned(names: pl.Series) -> pl.Series:
    import polars as pl

    names = names.str.strip_chars().str.replace(r":\d+$", "").str.strip_chars(".").str.to_lowercase()
    if (names.str.len_bytes() != names.str.len_chars()).any():
        return pl.Series([punycode(name) for name in names.to_list()], dtype=pl.String)
    return names


def match_hosts(hosts: pl.Series, table: HostTable, first: HostTable | None = None) -> pl.DataFrame:
    """Return ``host, app_id, domain, instance`` for each host, in order; see ``Catalog.match_hosts``.

    ``first`` is asked before ``table``: a tenant's own apps.
    """
    import polars as pl

    given = hosts.cast(pl.String).alias("host").to_frame()
    if given.height <= SLICE:
        return _match(given, table, first)
    return pl.concat([_match(part, table, first) for part in given.iter_slices(SLICE)])


def _match(hosts: pl.DataFrame, table: HostTable, first: HostTable | None) -> pl.DataFrame:
    import polars as pl

    names, keys = _prepared(hosts["host"])
    matched = table.look_up(names, keys)
    if first is not None:
        own = first.look_up(names, keys)
        is_own = own["app_id"].is_not_null()
        matched = pl.DataFrame({name: own[name].zip_with(is_own, matched[name]) for name in matched.columns})
    return hosts.with_columns(*matched)
