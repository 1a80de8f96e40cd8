"""Logs whose vendors publish no list of fields: iboss, Wandera, Corrata and others (log-formats §5).

Their lines may be CEF, LEEF, JSON, ``key=value`` or columns under a header row; fields are known by the names that they
usually go by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from opencasb.discovery.formats.aliases import header_of, read_columns, read_objects, read_pairs
from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.cef import Cef
from opencasb.discovery.formats.header_rows import Columns
from opencasb.discovery.formats.leef import BLOCK, Leef
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.wrappers import unwrap
from opencasb.model.transaction import COLUMNS

if TYPE_CHECKING:
    import polars as pl

_CEF: Final = r"CEF: ?\d{1,2}\|"
_LEEF: Final = r"LEEF:\d"
_OBJECT: Final = r'^[^{="]{0,80}\{\s*"'
_PAIRS: Final = r"(?:^|[\s,;|])[A-Za-z][\w.-]*=.*[\s,;|][A-Za-z][\w.-]*="
_SHAPES: Final = (("cef", "CEF:", _CEF), ("leef", "LEEF:", _LEEF), ("object", "{", _OBJECT), ("pairs", "=", _PAIRS))
"""Shapes of lines by precedence, with a plain text and the regular expression that are in all of them."""

_ADDRESS: Final = r"\d\.\d+\.\d|[0-9A-Fa-f]:[0-9A-Fa-f]*:"
_LEADING_TIME: Final = r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ ,;|\t]*)[ ,;|\t]"
_IBOSS_TIME: Final = r"^(?:.* )?(\d\d)/(\d\d)/(?:20)?(\d\d) (\d\d:\d\d:\d\d [AP]M),"
"""Month, day and year, in front of the pairs of iboss's appliances."""
_NAMED: Final = r"[g-zG-Z]|^[^:]*[a-fA-F]"
MOST_LAYOUTS: Final = 32
"""Different header rows of a file that are followed; later ones change nothing."""


class Tolerant(Parser):
    """Reads each line in the shape it has; remembers the header row."""

    cef: ClassVar[type[Cef]] = Cef
    """What reads the lines in CEF."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._layouts: list[Columns | None] = [None]
        self._current = 0
        self._cef, self._leef = self.cef(context), Leef(context)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the shapes of the lines, and the header row above each."""
        import polars as pl

        rows = unwrap(lines)
        rows = rows.with_columns(_shape(rows["text"]).alias("shape"))
        heads = self._heads(rows)
        layouts = pl.Series([None], dtype=pl.Int64).new_from_index(0, rows.height)
        if heads:
            layouts = layouts.scatter(list(heads), list(heads.values())).forward_fill()
        rows = rows.with_columns(layouts.fill_null(self._current).alias("layout"))
        if rows.height:
            self._current = int(rows["layout"][-1])
        is_head = pl.int_range(pl.len()).is_in(list(heads))
        records = (rows.filter(~is_head) if heads else rows).partition_by("shape", "layout", as_dict=True)
        parts = [(str(shape), self._layouts[layout], part) for (shape, layout), part in records.items()]
        return partial(self._read, lines, finished(rows[list(heads)], ignored="header row"), parts)

    def _heads(self, rows: pl.DataFrame) -> dict[int, int]:
        """Return the rows that name columns, and the number of the layout that holds after each."""
        import polars as pl

        wordy = (pl.col("shape") == "columns") & ~pl.col("text").str.contains(_ADDRESS)
        found: dict[int, int] = {}
        at = rows.select(wordy.fill_null(value=False)).to_series().arg_true()
        for row, text in zip(at, rows["text"].gather(at), strict=True):
            layout = header_of(text)
            if layout is None:
                continue
            if layout not in self._layouts and len(self._layouts) <= MOST_LAYOUTS:
                self._layouts.append(layout)
            found[row] = self._layouts.index(layout) if layout in self._layouts else self._current
        return found

    def _read(
        self, lines: pl.DataFrame, heads: pl.DataFrame, parts: Sequence[tuple[str, Columns | None, pl.DataFrame]]
    ) -> pl.DataFrame:
        import polars as pl

        return pl.concat([nothing(), heads, *(frame for part in parts for frame in self._parsed(lines, *part))])

    def _parsed(
        self, lines: pl.DataFrame, shape: str, layout: Columns | None, rows: pl.DataFrame
    ) -> Iterator[pl.DataFrame]:
        import polars as pl

        if shape in {"cef", "leef"}:
            own = lines.filter(pl.col("line").is_in(rows["line"].implode()))
            yield (self._cef if shape == "cef" else self._leef).read(own).select(COLUMNS)
        elif shape == "columns":
            unread = finished(rows, rejected="in no shape that is read")
            yield unread if layout is None else self._normalised(read_columns(rows, layout))
        else:
            yield self._normalised((read_objects if shape == "object" else read_pairs)(rows))

    def _normalised(self, rows: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        written = pl.coalesce("time", pl.col("date") + " " + pl.col("clock"), "clock")
        if rows.select(written.is_null().any()).item():
            american = pl.col("text").str.extract_groups(_IBOSS_TIME).struct
            turned = pl.format("20{}-{}-{} {}", *(american[place] for place in (2, 0, 1, 3)))
            written = pl.coalesce(written, pl.col("text").str.extract(_LEADING_TIME), turned)
        rows = rows.with_columns(timestamps(rows, written, self._context).alias("timestamp"), *_values())
        return normalise(rows, self._context)


def _shape(texts: pl.Series) -> pl.Expr:
    import polars as pl

    text = pl.col("text").fill_null("")
    occurring = [(shape, look) for shape, mark, look in _SHAPES if texts.str.contains(mark, literal=True).any()]
    found = [pl.when(text.str.contains(look)).then(pl.lit(shape)) for shape, look in occurring]
    return pl.coalesce(*found, pl.lit("columns"))


def _values() -> Iterator[pl.Expr]:
    import polars as pl

    server, authority, url = pl.col("server"), pl.col("authority"), pl.col("url")
    path = url.str.starts_with("/")
    named = server.str.contains(_NAMED) & authority.is_null() & (url.is_null() | path)
    whole = url.str.contains("://", literal=True)
    secure = pl.col("scheme").str.contains("(?i)^(?:https|ssl|tls)").fill_null(value=False)
    target = pl.coalesce("server", "authority", "url")
    strays = pl.col("source").is_null() | target.is_null()
    tunnel = (pl.col("method") == "CONNECT").fill_null(value=False)
    yield pl.when(strays).then(pl.lit("no traffic record")).alias("ignored")
    yield pl.col("action").str.contains(BLOCK).fill_null(value=False).alias("blocked")
    yield pl.when(named).then(server).when(whole).then(None).otherwise(authority).alias("authority")
    yield pl.when(~path.fill_null(value=False)).then(url).alias("url")
    yield pl.when(path).then(url).otherwise("path").alias("path")
    yield pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")
    yield tunnel.alias("tunnel")


def _unrecognisable(lines: list[str]) -> tuple[float, str]:
    del lines
    return 0.0, "nothing tells these logs apart from others"


FORMATS: Final = tuple(
    Format(sources=(source,), recognise=_unrecognisable, open=Tolerant, rank=60)
    for source in ("CONTENTKEEPER_SYSLOG", "CORRATA", "IBOSS", "OPEN_SYSTEMS_SECURE_WEB_GATEWAY", "WANDERA_SYSLOG")
)
