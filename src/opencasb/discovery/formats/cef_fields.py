"""Find values in the extension of CEF lines (log-formats §2, CEF).

A line has thirty keys, of which ten are wanted: searching for each as a literal costs a fortieth of splitting the line
at every ``=``. A value ends before the next `` key=``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from opencasb.discovery.formats.cef_layout import read_alike
from opencasb.discovery.formats.keyvalue import Field
from opencasb.discovery.formats.values import rewritten

WINDOW: Final = 256
"""Bytes searched for a value; longer values are found in a slower way."""

_KEY: Final = re.compile(r"(?:^|[ |])([A-Za-z0-9_.-]+)=", re.ASCII)
_HEADER_CHARACTERS: Final = 512
_LEADING_KEY: Final = r"\|([A-Za-z0-9_.-]+)="
_TO_NEXT_KEY: Final = r"^(.*?)(?:\s+[A-Za-z0-9_.-]+=|\s*$)"
_WORD_AND_KEY: Final = r"^[^ ]* +[A-Za-z0-9_.-]+="
_PLACE: Final = "_place"
_ESCAPE: Final = re.compile(r"\\([nr\W])")
"""A backslash before any other letter is one that the sender did not escape."""
_ACCOUNT: Final = re.compile(r"[\w.-]+\\[\w.$ -]+")
"""``DOMAIN\\nina``, which contains no line end."""
_MEANING: Final = {"n": " ", "r": " "}


def extension(
    rows: pl.DataFrame, words: Sequence[str], texts: Sequence[str], seldom: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the values of keys in the lines ``text``, one column per key that occurs, null where a line lacks it.

    Values of ``words`` end at a blank (addresses, numbers, URLs); values of ``texts`` may contain blanks. Keys that
    are ``seldom`` used are first searched for together.
    """
    found = read_alike(rows, [*words, *texts], texts)
    if found is None:
        return _one_key_after_the_other(rows, words, texts, seldom)
    values, alike = found
    escaped = _has_escapes(rows)
    values = pl.DataFrame([_meant(column, escaped=escaped) for column in values])
    if alike.all():
        return values
    others = _one_key_after_the_other(rows.filter(~alike), words, texts, seldom)
    parts = [_placed(values, alike.arg_true()), _placed(others, alike.not_().arg_true())]
    return pl.concat(parts, how="diagonal").sort(_PLACE).drop(_PLACE)


def read_fields(rows: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with a text column per field, null where a line has none of its keys."""
    keys = [key for field in fields.values() for key in field]
    values = extension(rows, [key.name for key in keys if key.is_word], [key.name for key in keys if not key.is_word])
    nothing = pl.lit(None, pl.String)
    return rows.with_columns(
        pl.coalesce(nothing, *(values[key.name] for key in field if key.name in values.columns)).alias(name)
        for name, field in fields.items()
    )


def _placed(values: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    return places.alias(_PLACE).to_frame().hstack(values.get_columns())


def _one_key_after_the_other(
    rows: pl.DataFrame, words: Sequence[str], texts: Sequence[str], seldom: Sequence[str]
) -> pl.DataFrame:
    """Search for each key in the whole line, whatever the key order."""
    absent = () if not seldom or _occur(rows, seldom) else seldom
    rests = _rests(rows, [key for key in (*words, *texts) if key not in absent])
    found = rests.select(_word(key) for key in rests.columns)
    again = rests.select(pl.col(key).bin.contains(f" {key}=".encode()).alias(key) for key in rests.columns)
    escaped = _has_escapes(rows)
    values = []
    for key in rests.columns:
        value = _completed(found[key], rests[key], free=key in texts)
        repeated = again[key].arg_true()
        if len(repeated):
            value = value.scatter(repeated, [read_extension(text).get(key) for text in rows["text"].gather(repeated)])
        values.append(_meant(value, escaped=escaped))
    return pl.DataFrame(values)


def _occur(rows: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Return whether any of the keys is in any line, testing all of them at the cost of one."""
    return bool(rows.select(pl.col("text").str.contains(rf"[ |](?:{'|'.join(keys)})=").any()).item())


def _rests(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return what follows the first ``key=`` of each line as bytes, which are views and need no copies."""
    text = pl.col("text")
    after = rows.select(
        text, text.cast(pl.Binary).alias("_raw"), *(text.str.find(f" {key}=", literal=True).alias(key) for key in keys)
    )
    leading = rows.select(text.str.head(_HEADER_CHARACTERS).str.extract(_LEADING_KEY, 1).unique()).to_series()
    first = [key for key in keys if key in leading]
    after = after.with_columns(pl.coalesce(key, text.str.find(f"|{key}=", literal=True)).alias(key) for key in first)
    present = [key for key in keys if after[key].null_count() < after.height]
    return after.select(pl.col("_raw").bin.slice(pl.col(key) + len(key) + 2).alias(key) for key in present)


def _word(key: str) -> pl.Expr:
    return _beginning(pl.col(key)).str.splitn(" ", 2).struct[0].alias(key)


def _beginning(rest: pl.Expr) -> pl.Expr:
    """Return the window as text, up to three bytes shorter so as not to split a character."""
    return rest.bin.head(WINDOW).map_batches(_decoded, return_dtype=pl.String, is_elementwise=True)


def _decoded(windows: pl.Series) -> pl.Series:
    try:
        return windows.cast(pl.String)
    except pl.exceptions.ComputeError:  # even a non-strict cast raises here
        texts = [None if window is None else window.decode("utf-8", "ignore") for window in windows]
        return pl.Series(windows.name, texts, dtype=pl.String)


def _completed(word: pl.Series, rest: pl.Series, *, free: bool) -> pl.Series:
    """Replace words that are not the whole value: longer than the window, or followed by more free text."""
    rows = pl.DataFrame({"word": word, "rest": rest})
    doubtful = pl.col("rest").is_not_null() & (pl.col("word").is_null() | (pl.col("word").str.len_bytes() > WINDOW - 4))
    if free:
        window = _beginning(pl.col("rest"))
        alone = (pl.col("rest").bin.size() < WINDOW) & ~window.str.contains(" ", literal=True)
        doubtful = doubtful | ~(alone | window.str.contains(_WORD_AND_KEY)).fill_null(value=False)
    places = rows.select(doubtful & pl.col("rest").is_not_null()).to_series().arg_true()
    if places.is_empty():
        return word
    whole = rest.gather(places).cast(pl.String, strict=False)
    return word.scatter(places, whole.str.extract(_TO_NEXT_KEY if free else r"^(\S*)", 1))


def read_extension(text: str) -> dict[str, str]:
    """Return the pairs of one line, the last one of repeated keys; values are still escaped."""
    keys = list(_KEY.finditer(text))
    ends = (key.start() for key in keys[1:])
    return {key[1]: text[key.end() : next(ends, len(text))].strip() for key in keys}


def unescape(value: str) -> str:
    """Remove CEF's backslashes from a value; an escaped line end becomes a blank."""
    if _ACCOUNT.fullmatch(value):
        return value
    return _ESCAPE.sub(lambda escape: _MEANING.get(escape[1], escape[1]), value)


def _has_escapes(rows: pl.DataFrame) -> bool:
    return bool(rows["text"].str.contains("\\", literal=True).any())


def _meant(values: pl.Series, *, escaped: bool) -> pl.Series:
    """Return values without escapes and surrounding blanks, null for empty ones."""
    value = pl.col("value")
    odd = (value == "") | value.str.starts_with(" ") | value.str.ends_with(" ")
    if escaped:
        odd = odd | value.str.contains("\\", literal=True)
    return rewritten(values, values.alias("value").to_frame().select(odd).to_series(), _bare)


def _bare(text: str) -> str | None:
    return unescape(text.strip()).strip() or None
