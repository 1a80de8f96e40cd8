"""Strip transport wrappers from log lines: syslog headers, relay copies, Kiwi prefixes, octet counts.

See log-formats §2. Parsers of every format call :func:`unwrap` first. A batch without wrappers is returned as it is and
costs a few percent of its parsing time.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.loose_headers import loosely_headed
from opencasb.discovery.formats.times import moment

HEADER: Final = "header"
"""The column with the text that was stripped, null for a line without wrapper."""

MOST_RELAYS: Final = 4
"""Maximum headers stripped from one line."""

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_OFFSET: Final = r"[+-]\d\d:?\d\d|--?\d:\d\d"
"""Check Point firmware writes ``--5:00``, and also the offset after a date without a year."""
_BSD: Final = (
    rf"(?:\b[12]\d{{3}} )?{_MONTH} {{1,2}}\d{{1,2}} (?:\d{{4}} )?\d\d:\d\d:\d\d(?:\.\d+|{_OFFSET})?"
    r"(?: 20[1-3]\d\b)?(?: [A-Z]{3,4}\b)?"
)
"""A year may follow; no IPv6 address begins with one of these, as some do with 2001."""
_ISO: Final = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|{_OFFSET})?"
_DATE: Final = r"(?:\d{4}-\d\d-\d\d|\b\d\d-\d\d-\d{4}\b)"
_LEVEL: Final = (
    r"(?:Kernel|User|Mail|Daemon|Auth|Syslog|Lpr|News|UUCP|Cron|System\d|Local\d)\."
    r"(?:Emerg|Alert|Critical|Error|Warning|Notice|Info|Debug)"
)
_KIWI: Final = (
    r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?"
    r"(?:\t\w+\.\w+\t[^\t]*\t| [\d_-]*[A-Za-z.:][A-Za-z0-9_.:-]* [A-Za-z0-9_./-]+(?:\[\d+\])?: )"
    rf"|{_DATE}[ \t]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\t{_LEVEL}\t[^\t]*\t| {_LEVEL} \S+ ))"
)
"""Its tabs may have become blanks, and a tab may separate date and time. Collectors that write the date this way put
host and tag after it. A mere number is no host but the time taken in W3C logs, whose lines are so told apart early.
"""
_COLLECTED: Final = (
    r"(?:\d\d \d\d \d{4} \d\d:\d\d:\d\d \S+ <\w+:\w+> "
    rf"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} {{1,2}}\d{{1,2}} \d\d:\d\d:\d\d \d{{4}}: )"
)
"""LogRhythm's ``09 21 2026 10:00:01 10.0.0.1 <LOC0:INFO> ``, and ``Tue Mar 04 15:57:06 2025: ``, before a header."""
_PRI: Final = r"(?:\d{1,7} )?<\d{1,3}>(?:\d{1,2} )? ?"

_WRAPPED: Final = (
    rf"^(?:\d{{1,7}} ?<\d|<\d|(?:[12]\d{{3}} )?{_MONTH} [ \d]|(?:1 )?\d{{4}}-\d\d-\d\dT|{_KIWI}|{_COLLECTED})"
)
_TIMED: Final = rf"^(?:(?:{_PRI}|1 )?(?:{_BSD}|{_ISO})(?: ?: ?| +|$)|<\d{{1,3}}>\d{{1,2}} - )\x{{FEFF}}?"
"""RFC 5424 writes a dash for an unknown time."""
_UNTIMED: Final = rf"^(?:{_KIWI}|{_COLLECTED}|{_PRI}) *\x{{FEFF}}?"
_TIME: Final = rf"(?:{_BSD}|{_ISO}|{_DATE}[ \t]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[+-]\d\d:?\d\d)?)"
_DATED: Final = (
    rf"\b(?P<year>[12]\d{{3}})[ -](?P<month>\d\d|{_MONTH})[ -]{{1,2}}\d{{1,2}}[T ]\d\d:",
    rf"(?P<month>{_MONTH}) {{1,2}}\d{{1,2}} (?:\d\d:\d\d:\d\d )?(?P<year>[12]\d{{3}})\b",
)
"""Times with their year, which Wazuh archives write before the month."""
_CLOCK: Final = r"\d:\d\d:\d\d"
_HOST: Final = r"^(?:(?:stdout|stderr) [FP]|(?:\([^)]*\) )?[^\s>]+->\S+|[\w.:-]*[\w.-]|\[[\da-fA-F:.]+\])(?: :| ) *"
"""Container runtimes write the stream, and whether the line is complete, in place of the host."""
_SECOND_HOST: Final = rf"^((?:{_PRI})?(?:{_BSD}|{_ISO}) [\w.:-]+)  [\w.:-]+ ({_BSD}|{_ISO}) "
"""A relay without a tag, which leaves two blanks, before the host that sent it the line."""
_NOT_HOST: Final = r"^(?:\d+(?:\.\d+)? |\d{4}-\d\d-\d\d[ T]|\S+ \S+ \S+ \[\d\d/[A-Z])"
"""Times of the records themselves, and the client of the common layout."""
ELEMENTS: Final = r"(?:\[(?:timeQuality|origin|meta|NXLOG@\d+)(?: [^\]]*)?\])+"
"""Structured data of relays; that of devices is the record."""
_FEW: Final = r'(?:\[[\w.-]+@\d+(?: [\w.-]+="[^"\]]*"){0,4}\])+'
"""Structured data with only a few pairs, before a text: not a record."""
_STRUCTURED: Final = (
    r"^[!-~]{1,48} [!-~]{1,128} [!-~]{1,32} "
    rf"(?:(?:- ?|{ELEMENTS} ?)\x{{FEFF}}?|{_FEW}(?:{ELEMENTS})? \x{{FEFF}}?([^ \[]))"
)
_FULL: Final = rf"(?:\d{{1,7}} )?<\d{{1,3}}>\d (?:[!-~]+ ){{5}}{ELEMENTS}"
_VERSIONED: Final = r"^(?:(?:\d{1,7} )?<\d{1,3}>\d|1 \d{4}-)"
"""A relay may have stripped only the priority."""
_TAG: Final = (
    r"^(?:[\w./-]{1,48}\[[\w.-]*\]:?|\([\w.-]{1,48}\):|[a-z][\w./-]{0,47}:"
    r"|(?:kern|user|daemon|auth|syslog|local\d)\.(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug)) "
)
"""Includes the facility and severity that rsyslog or syslog-ng templates write."""


def unwrap(lines: pl.DataFrame, start: str = "") -> pl.DataFrame:
    """Return ``line``, ``header`` and ``text``, the latter without wrappers.

    ``start`` is a regular expression (Rust syntax, no look-around) for the format's own signature: the text of a
    wrapped line begins at its first match, which is safer and cheaper than telling host and tag from content. A wrapped
    line without a match, and every wrapped line if ``start`` is empty, loses time, host and a tag that has a process
    id, parentheses or only lower case. A line that is not wrapped keeps its text, whatever it contains, except for
    leading blanks: rsyslog's ``%msg%`` is what follows the colon of the tag.
    """
    text = pl.col("text")
    if lines.select(text.str.starts_with(" ").any()).item():
        lines = lines.with_columns(text.str.strip_chars_start(" "))
    wrapped = lines.select(text.str.contains(_WRAPPED).fill_null(value=False)).to_series()
    loosely = loosely_headed(lines["text"], start) if start and not wrapped.all() else None
    wrapped = wrapped if loosely is None else wrapped | loosely
    if not wrapped.any():
        return lines.select("line", pl.lit(None, pl.String).alias(HEADER), "text")
    if wrapped.all():
        return _split(lines.select("line", "text"), start)
    plain = lines.filter(~wrapped).select("line", pl.lit(None, pl.String).alias(HEADER), "text")
    return pl.concat([plain, _split(lines.filter(wrapped).select("line", "text"), start)]).sort("line")


def header_time(context: ParseContext) -> pl.Expr:
    """Return the time in the ``header`` column in ms since the epoch, UTC; of several headers, the innermost one's."""
    return moment(pl.col(HEADER).map_batches(_innermost, return_dtype=pl.String, is_elementwise=True), context)


def _innermost(headers: pl.Series) -> pl.Series:
    """Return the last time of each header; finding the first takes half as long, and most have only one."""
    found = headers.str.extract(_TIME, 0)
    clocks = headers.str.count_matches(_CLOCK)
    several = (clocks > 1).arg_true()
    if several.is_empty():
        return found
    some = headers.gather(several).str.replace(ELEMENTS, "")  # clocks in there are in another zone
    return found.scatter(several, _with_years(_last(some, some.str.count_matches(_CLOCK)), some))


def _last(headers: pl.Series, clocks: pl.Series) -> pl.Series:
    """Return the last time of headers with this many clocks; searching from the end takes five times as long."""
    times = headers.str.extract_all(_TIME)
    found = times.list.last()
    run_on = (times.list.len() < clocks).arg_true()  # ``08:52:36 2025-11-20T08:52:35`` begins like a time with a year
    if run_on.is_empty():
        return found
    return found.scatter(run_on, headers.gather(run_on).str.extract(rf"(?s)^.*({_TIME})", 1))


def _with_years(times: pl.Series, headers: pl.Series) -> pl.Series:
    """Return the times of headers; those without a year take it from another time in the header."""
    bare = times.str.contains(rf"^{_MONTH} {{1,2}}\d{{1,2}} \d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]+)?$").arg_true()
    if bare.is_empty():
        return times
    time, header = times.gather(bare), headers.gather(bare)
    first, second = (header.str.extract_groups(form).struct.unnest() for form in _DATED)
    month, year = (first[name].zip_with(first[name].is_not_null(), second[name]) for name in ("month", "year"))
    turned = time.str.starts_with("Dec") & month.is_in(["01", "Jan"])  # received in the new year
    year = (year.cast(pl.Int64) - turned.cast(pl.Int64)).cast(pl.String)
    whole = time.str.extract(r"^(\S+ +\d+) ", 1) + " " + year + time.str.extract(r"( \d\d:.*)$", 1)
    return times.scatter(bare, whole.zip_with(whole.is_not_null(), time))


def _split(lines: pl.DataFrame, start: str) -> pl.DataFrame:
    if not start:
        return _stripped(lines)
    at = _starts(lines["text"], start)
    if not at.null_count():
        return _cut(lines, at)
    found = at.is_not_null()
    return pl.concat([_cut(lines.filter(found), at.drop_nulls()), _stripped(lines.filter(~found))]).sort("line")


def _starts(texts: pl.Series, start: str) -> pl.Series:
    """Return the byte at which each text first matches ``start``, which nothing in a complete header does.

    The time in Kiwi's prefix and the pairs that relays write as structured data are skipped.
    """
    prefix = texts.str.extract(f"^({_KIWI}|{_FULL})")
    if prefix.null_count() == len(texts):
        return texts.str.find(start)
    prefix = prefix.fill_null("")
    return prefix.str.len_bytes() + texts.str.strip_prefix(prefix).str.find(start)


def _cut(lines: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    raw = pl.col("text").cast(pl.Binary)  # positions are in bytes
    header = raw.bin.head(pl.lit(at)).cast(pl.String, strict=False)
    text = raw.bin.slice(pl.lit(at)).cast(pl.String, strict=False)
    return lines.select("line", pl.when(header != "").then(header).alias(HEADER), text.alias("text"))


def _stripped(lines: pl.DataFrame) -> pl.DataFrame:
    """Strip headers one by one, keeping their texts for the time."""
    text, rest = pl.col("text"), pl.col("rest")
    lines = lines.with_columns(text.alias("rest"))
    for _ in range(MOST_RELAYS):
        shorter = lines.with_columns(_without_header(rest).alias("rest"))
        if shorter["rest"].equals(lines["rest"]):
            break
        lines = shorter
    header = text.str.strip_suffix(rest)
    return lines.select("line", pl.when(header != "").then(header).alias(HEADER), rest.alias("text"))


def _without_header(text: pl.Expr) -> pl.Expr:
    """Strip one header; without a time, everything after the priority is content (RFC 3164 §4.3.3)."""
    text = text.str.replace(_SECOND_HOST, "$1 $2 ")
    after = text.str.replace(_TIMED, "")
    hosted = pl.when(after.str.contains(_NOT_HOST)).then(after).otherwise(after.str.replace(_HOST, ""))
    full = text.str.contains(_VERSIONED) & hosted.str.contains(_STRUCTURED)
    bare = pl.when(full).then(hosted.str.replace(_STRUCTURED, "$1")).otherwise(hosted.str.replace(_TAG, ""))
    return pl.when(text.str.contains(_TIMED)).then(bare).otherwise(text.str.replace(_UNTIMED, ""))
