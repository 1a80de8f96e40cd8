"""Read McAfee (Skyhigh) Secure Web Gateway: access log, templates and cloud export (log-formats §5, MCAFEE_SWG)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.aliases import member
from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.elff import Layout, cut_fields, cut_line
from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.mcafee_pairs import ANY_KEY, FIELDS, paired
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.wrappers import HEADER, unwrap

_HEAD: Final = "#time_stamp"
_START: Final = rf"\[\d\d/[A-Z][a-z]{{2}}/\d{{4}}:|#time_stamp|\bMcAfeeWG\||{ANY_KEY}"
_ACCESS: Final = r"^\[\d\d/[A-Z][a-z]{2}/\d{4}:"
_LINE_END: Final = "_EOL_"
_MARK, _BREAK = "\x1e", "\x1f"
_NEXT: Final = (
    rf"(?:{_MARK}\s*)+((?:<\d{{1,3}}>|[A-Z][a-z]{{2}} [ \d]\d \d\d:|\d{{4}}-\d\d-\d\dT)|(?:mwg: )?(?:{_START}))"
)
"""A marked line end before another record, with or without a syslog header."""
_TIMED_PAIRS: Final = r"^\[([^\]]*)\] [a-z_]+="
"""The gateways' default template has the time before its pairs in files, and where administrators add it."""
MOST_LAYOUTS: Final = 32
"""Distinct header lines followed per file; later ones change nothing."""

_TAIL: Final = ("user_agent", "virus_name", "block_res")
_FRONT: Final = (
    "time_stamp", "_zone", "auth_user", "src_ip", "status_code", "req_line", "categories", "rep_level", "media_type",
    "bytes_to_client",
)  # fmt: skip
_ANSWER: Final = ("bytes_from_client",)
_LAST: Final = ("application_name",)

_COLUMNS: Final = {
    "user": ("auth_user", "username", "user_name"),
    "source": ("src_ip", "source_ip", "client_ip"),
    "server": ("dst_ip", "destination_ip", "dest_ip", "server_ip"),
    "received": ("bytes_to_client",),
    "sent": ("bytes_from_client",),
    "request": ("req_line",),
    "method": ("method", "http_method"),
    "url": ("url",),
    "authority": ("host", "destination_host"),
    "status": ("status_code",),
    "verdict": ("block_res", "block_id"),
    "rule": ("rule", "rule_name"),
}
_CHALLENGE: Final = "authentication challenge"
_ASKED: Final = r"^(?:3\d\d|401|407|-?$)"
"""How the gateway answers those it blocks (81) because they have not signed in: it challenges or redirects them."""
_REFUSED: Final = "(?i)^block"
_DENIED: Final = "(?i)^(?:denied|block)"


_EXPORT_HEAD: Final = "requested_host"
_EXPORT: Final = {
    "user": ("username",),
    "egress": ("source_ip",),
    "client": ("client_ip",),
    "device": ("client_system_name", "client_host_name"),
    "authority": ("requested_host",),
    "path": ("requested_path",),
    "scheme": ("uri_scheme",),
    "server": ("destination_ip",),
    "method": ("http_action",),
    "status": ("http_status_code",),
    "result": ("result",),
    "uploaded": ("client_to_server_bytes",),
    "downloaded": ("server_to_client_bytes",),
    "epoch": ("request_timestamp_epoch", "timestamp_epoch"),
    "time": ("request_timestamp",),
}
"""Columns of the cloud's export; which ones occur depends on the version of its interface."""
_USUAL_EXPORT: Final = (
    "user_id,username,source_ip,http_action,server_to_client_bytes,client_to_server_bytes,requested_host,requested_path,"
    "result,virus,request_timestamp_epoch,request_timestamp,uri_scheme,category,media_type,application_type,reputation,"
    "last_rule,http_status_code,client_ip,location,block_reason,user_agent_product,user_agent_version,"
    "user_agent_comment,process_name,destination_ip,destination_port"
)
"""The order of its columns, of which older versions have the first ones; collectors omit the header row."""
_ROW: Final = r',"?(?:OBSERVED|DENIED)"?,[^,]*,"?\d{10}"?,"?\d{4}-\d\d-\d\d '
_OBJECT: Final = r'\{.*"requested_host"\s*:'
"""What scripts that fetch the export forward."""

_NO_SERVER: Final = "255.255.255.255"


class McafeeSwg(Parser):
    """Read access logs by their header line, pairs by template, and the cloud's export by its header row."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._layouts: dict[str, Layout] = {}
        self._head = ""
        self._exports = HeaderRows(_EXPORT_HEAD, _export_head)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the header line above each line of a batch."""
        rows, written = _unwrapped(lines), pl.col("text")
        is_head = written.str.starts_with(_HEAD).fill_null(value=False)
        rows = rows.with_columns(pl.when(is_head).then(written).forward_fill().fill_null(self._head).alias("head"))
        self._head = str(rows["head"].last()) if rows.height else self._head
        access = (written.str.contains(_ACCESS) & ~written.str.contains(_TIMED_PAIRS)).fill_null(value=False)
        parts = rows.filter(access).partition_by("head", as_dict=True)
        records = [(part.drop("head"), self._layout(str(head), part)) for (head,), part in parts.items()]
        comment = written.str.starts_with("#").fill_null(value=False)
        heads, messages = self._exports.take(rows.filter(~access & ~comment).drop("head"))
        done = [
            finished(rows.filter(comment).drop("head"), ignored="comment"),
            finished(heads, ignored="header row"),
        ]
        return partial(self._read, done, messages, records)

    def _read(
        self,
        done: Sequence[pl.DataFrame],
        messages: Sequence[tuple[Columns | None, pl.DataFrame]],
        records: Sequence[tuple[pl.DataFrame, Layout]],
    ) -> pl.DataFrame:
        parts = [with_urls(partial(_messages, columns), rows, self._context) for columns, rows in messages]
        return pl.concat([nothing(), *done, *parts, *(self._records(*part) for part in records)])

    def _layout(self, head: str, rows: pl.DataFrame) -> Layout:
        """Return the columns that a header line names, or without one, those that fit the first line's length."""
        if head not in self._layouts and len(self._layouts) >= MOST_LAYOUTS:
            head = next(iter(self._layouts))
        if head not in self._layouts:
            names = _usual(cut_line(str(rows["text"].first()), " "))
            if head:
                written = [name.strip('"') for name in head.removeprefix("#").split()]
                names = ("time_stamp", "_zone", *written[1:])
            self._layouts[head] = Layout(names, " ")
        return self._layouts[head]

    def _records(self, rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
        known = {name: next((key for key in keys if key in layout.names), None) for name, keys in _COLUMNS.items()}
        wanted = [key for key in known.values() if key is not None]
        fields = cut_fields(rows, layout, ["time_stamp", "_zone", *wanted])
        absent = pl.lit(None, pl.String)
        fields = fields.with_columns((pl.col(key) if key else absent).alias(name) for name, key in known.items())
        written = (pl.col("time_stamp") + " " + pl.col("_zone")).str.strip_chars("[]")
        times = timestamps(fields, written, self._context)
        return normalise(fields.with_columns(times.alias("timestamp"), *_of_record()), self._context)


def _unwrapped(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the records in lines, without wrappers and without the line ends that some templates write as a word.

    Relays join such records; all have the number of their line, and the time of its header if they have none.
    """
    if not lines["text"].str.contains(_LINE_END, literal=True).any():
        return unwrap(lines, _START)
    marked = pl.col("text").str.replace_all(_LINE_END, _MARK, literal=True)
    parted = marked.str.replace_all(_NEXT, f"{_BREAK}$1").str.replace(rf"\s*(?:{_MARK}\s*)+$", "")
    text = parted.str.replace_all(_MARK, _LINE_END, literal=True)
    records = lines.with_columns(text.str.split(_BREAK)).explode("text")
    rows = unwrap(records.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("line")), _START)
    return rows.with_columns(records["line"]).with_columns(pl.col(HEADER).forward_fill().over("line"))


def _export_head(text: str) -> Columns | None:
    places = places_of(text, _EXPORT)
    return Columns(places, ",") if {"egress", "authority", "result"} <= set(places) else None


def _messages(columns: Columns | None, rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    """Read pairs and JSON objects, or the rows of an export if ``columns`` describes them."""
    if columns:
        rows = _exported(cut_columns(rows, columns.places))
    else:
        objects = rows["text"].str.contains(_OBJECT).fill_null(value=False)
        values = [pl.coalesce(member(name) for name in names).alias(column) for column, names in _EXPORT.items()]
        parts = [*_paired(rows.filter(~objects), context)] if not objects.all() else []
        parts += [_exported(rows.filter(objects).with_columns(values))] if objects.any() else []
        rows = pl.concat(parts, how="diagonal")
    stamp = pl.coalesce("epoch", pl.col("text").str.extract(_TIMED_PAIRS), pl.col("time").str.strip_chars_end("]"))
    times = timestamps(rows, stamp, context)
    return normalise(rows.with_columns(times.alias("timestamp"), *_of_message()), context)


def _paired(rows: pl.DataFrame, context: ParseContext) -> Iterator[pl.DataFrame]:
    """Yield pairs and, separately, rows of an export without a header row, which lack the host that pairs name."""
    pairs = paired(rows, want_url=context.want_url)
    if not pairs["authority"].null_count():
        yield pairs
        return
    cells = pairs["text"].str.contains(_ROW).fill_null(value=False)
    yield pairs.filter(~cells)
    yield _exported(_usual_row(pairs.filter(cells).select(rows.columns)))


def _usual_row(rows: pl.DataFrame) -> pl.DataFrame:
    """Split rows of an export without a header row; in rows with other columns, leave the key fields null."""
    rows, fits = cut_columns(rows, places_of(_USUAL_EXPORT, _EXPORT)), pl.col("status").str.contains(r"^\d{3}$")
    return rows.with_columns(pl.when(fits).then(name).alias(name) for name in ("client", "egress", "authority"))


def _exported(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the fields that an export lacks; it gives an unknown user's address as the name."""
    return completed(rows, FIELDS).with_columns(pl.when(pl.col("user") != pl.col("egress")).then("user").alias("user"))


def _usual(cells: Sequence[str]) -> tuple[str, ...]:
    """Infer the column order of a file without a header line from a record; additional columns come last."""
    sized = len(cells) < len(_FRONT) or re.fullmatch(r"\d+|-?", cells[len(_FRONT) - 1], re.ASCII) is not None
    front = _FRONT if sized else _FRONT[:-1]
    answered = sized and len(cells) > len(front) and cells[len(front)].isdigit()
    names = (*front, *(_ANSWER if answered else ()), *_TAIL)
    named = (*names, *_LAST)[: max(len(cells), len(names))]
    return (*named, *(f"_more_{place}" for place in range(len(named), len(cells))))


def _of_record() -> Iterator[pl.Expr]:
    verdict, rule = pl.col("verdict").fill_null(""), pl.col("rule").fill_null("")
    parts = pl.col("request").str.splitn(" ", 3).struct
    tunnel = pl.coalesce(parts[0], "method") == "CONNECT"
    challenge = _is_challenge(pl.col("status"), verdict)
    refused = ~verdict.is_in(["0", "", "-"]) | ((pl.col("status") == "403") & ~rule.is_in(["", "-"]))
    yield pl.when(pl.col("rejected").is_null() & challenge).then(pl.lit(_CHALLENGE)).alias("ignored")
    yield refused.fill_null(value=False).alias("blocked")
    yield tunnel.fill_null(value=False).alias("tunnel")
    yield pl.coalesce(parts[1], "url").alias("url")


def _of_message() -> Iterator[pl.Expr]:
    bytes_ = pl.col("bytes").str.splitn("/", 4).struct
    parts = pl.col("first_line").str.splitn(" ", 3).struct
    url = pl.coalesce("url", parts[1])
    status, block_id = pl.col("status").fill_null(""), pl.col("block_id").fill_null("0")
    told = pl.any_horizontal(pl.col("method", "bytes", "first_line", "uploaded").is_not_null())
    known = pl.any_horizontal(pl.col("client", "authority").is_not_null()) | (pl.col("egress").is_not_null() & told)
    refused = (
        (status.str.starts_with("403") & pl.col("bytes").is_not_null())
        | pl.col("rule").str.contains(_REFUSED).fill_null(value=False)
        | ~block_id.is_in(["0", "-"])
        | pl.col("result").str.contains(_DENIED).fill_null(value=False)
    )
    challenge = _is_challenge(status, block_id)
    yield pl.when(known & challenge).then(pl.lit(_CHALLENGE)).alias("ignored")
    yield pl.when(~known).then(pl.lit("not a web gateway record")).alias("rejected")
    yield pl.coalesce("client", "egress").alias("source")
    yield pl.when(pl.col("server") != _NO_SERVER).then("server").alias("server")
    yield pl.when(url.str.contains("://", literal=True)).then(url).alias("url")
    yield pl.coalesce("authority", pl.when(parts[0] == "CONNECT").then(parts[1])).alias("authority")
    yield pl.coalesce("path", pl.when(url.str.starts_with("/")).then(url)).alias("path")
    yield pl.coalesce(bytes_[0], "uploaded").alias("sent")
    yield pl.coalesce(bytes_[3], "downloaded").alias("received")
    yield refused.alias("blocked")
    yield (pl.coalesce("method", parts[0]) == "CONNECT").fill_null(value=False).alias("tunnel")


def _is_challenge(status: pl.Expr, verdict: pl.Expr) -> pl.Expr:
    return status.str.starts_with("407") | ((verdict == "81") & status.fill_null("").str.contains(_ASKED))


_RECORD: Final = re.compile(
    r'^#time_stamp |^\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "[^"]*" \S+ \d+ "[A-Z]+ '
    r"|^(?=.*\bsrcip=)(?=.*\bmtd=)(?=.*\bbytes=)|^(?=.*\bhttp_request_first_line=)(?=.*\bblock_id=)"
    r"|^(?=.*\bsrc(?:_ip)?=)(?=.*\bbytes_from_client=)(?=.*\bbytes_to_client=)"
    r"|\bMcAfeeWG\|time_stamp=|^(?=.*\buri_scheme=)(?=.*\brequest_timestamp_epoch=)"
    r'|^(?=.*"requested_host"\s*:)(?=.*"client_to_server_bytes"\s*:)|\brequested_host"?,"?requested_path\b'
    rf"|{_ROW}",
    re.ASCII,
)


def _recognise(lines: list[str]) -> tuple[float, str]:
    """Count the lines in a known layout and, below a header line, those that begin as records do."""
    is_headed = any(line.startswith(_HEAD) for line in lines)
    hits = sum(1 for line in lines if _RECORD.search(line) or (is_headed and re.match(_ACCESS, line)))
    return hits / max(len(lines), 1), f"{hits} of {len(lines)} lines are web gateway records"


FORMATS: Final = (
    Format(
        sources=("MCAFEE_SWG", "MCAFEE_SWG_SYSLOG"),
        recognise=_recognise,
        open=McafeeSwg,
        rank=34,
    ),
)
