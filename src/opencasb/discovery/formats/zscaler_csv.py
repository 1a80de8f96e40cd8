"""Read Zscaler's default CSV feed: quoted columns, some depending on the release (log-formats §5, ZSCALER)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.commas import cut_columns
from opencasb.discovery.formats.fields import cut

_PLACES: Final = {"time": 0, "user": 1, "protocol": 2, "url": 3, "action": 4}
_FROM_SIZES: Final = {"sent": 0, "received": 1}
_FROM_CLIENT: Final = {"source": 0, "server": 1, "method": 2, "status": 3, "owner": 10, "device": 11}
_SIZES_AT: Final = (7, 8)
"""Where the sizes may begin: the app status before them is optional."""
_CLIENT_AT: Final = (19, 20, 21, 22, 23)
"""Where the client's address may begin: two times and a threat severity before it are optional too."""
_WIDTH: Final = max(_CLIENT_AT) + max(_FROM_CLIENT.values()) + 1

_COLUMNS: Final = tuple(f"c{place}" for place in range(_WIDTH))
_REGULAR: Final = r'^"[^"]*"(?:,"[^"]*")*$'
"""Every field is quoted and none contains a quote."""
_ADDRESS: Final = r"^(?:\d{1,3}\.){3}\d{1,3}$|^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*$"
_NUMBER: Final = r"^\d+$"


def csv_fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with the wanted columns of the feed."""
    regular = rows.select(pl.col("text").str.contains(_REGULAR)).to_series()
    plain = rows.filter(regular)
    bare = plain.with_columns(pl.col("text").str.strip_prefix('"').str.strip_suffix('"').alias("_bare"))
    parts = [cut(bare, "_bare", '","', _COLUMNS).drop("_bare")]
    if not regular.all():
        parts.append(cut_columns(rows.filter(~regular), {name: place for place, name in enumerate(_COLUMNS)}))
    places = pl.concat(parts).with_columns(_sizes_at().alias("_sizes"), _client_at().alias("_client"))
    return pl.concat(
        [_named(part, *key) for key, part in places.partition_by("_sizes", "_client", as_dict=True).items()]
    )


def _sizes_at() -> pl.Expr:
    """Return the first position of two adjacent numbers after the app's class."""
    pairs = [_is(place, _NUMBER) & _is(place + 1, _NUMBER) for place in _SIZES_AT]
    return pl.coalesce(pl.when(pair).then(place) for pair, place in zip(pairs, _SIZES_AT, strict=True))


def _client_at() -> pl.Expr:
    """Return the first position of two adjacent addresses after the department, or of one if the server has none."""
    pairs = [pl.when(_is(place, _ADDRESS) & _is(place + 1, _ADDRESS)).then(place) for place in _CLIENT_AT]
    single = [pl.when(_is(place, _ADDRESS)).then(place) for place in _CLIENT_AT]
    return pl.coalesce(*pairs, *single)


def _is(place: int, pattern: str) -> pl.Expr:
    return pl.col(f"c{place}").str.contains(pattern)


def _named(rows: pl.DataFrame, sizes: int | None, client: int | None) -> pl.DataFrame:
    places: dict[str, int | None] = dict(_PLACES)
    places |= {name: None if sizes is None else sizes + step for name, step in _FROM_SIZES.items()}
    places |= {name: None if client is None else client + step for name, step in _FROM_CLIENT.items()}
    found = [
        (pl.lit(None, pl.String) if place is None else pl.col(f"c{place}")).alias(name)
        for name, place in places.items()
    ]
    return rows.drop("_sizes", "_client").with_columns(found).drop(_COLUMNS)
