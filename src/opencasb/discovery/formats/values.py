"""Parse values by the shared rules (log-formats §1): users, addresses, hosts, sizes.

Users, addresses and hosts repeat from line to line, so each distinct text is parsed once (:func:`map_distinct`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    import polars as pl

NO_USER: Final = frozenset(
    {
        "", "-", "n/a", "na", "none", "unknown", "anonymous", "not found", "not available",
        "no authentication required", "(null)", "null",
    }
)  # fmt: skip
"""What devices write for a missing name, in lower case."""

LARGEST_SIZE: Final = 10**15
"""Bytes per line above which the number must be corrupt: one petabyte."""

LONGEST_HOST: Final = 253

NOT_NEGATED: Final = r"(?:^|[^t]|[^o]t|[^n]ot)\s"
"""Matches the blank before a word except after ``not``, as in ``not blocked``; the regex engine has no look-behind."""

NAME: Final = r"[g-zG-Z]|^[^:]*[a-fA-F][^:]*(?::\d*)?$"
"""Matches a server name, with or without port, but not an address such as ``203.0.113.9:443`` or ``2a00::1``."""

_NO_HOST: Final = "n/a"
"""Looks like a host with a path, but means none."""

FEW: Final = 256
"""Below this many texts, parsing each is faster than deduplicating."""

_IPV4: Final = r"^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$"
_PLAIN_AUTHORITY: Final = r"^(?:[a-z0-9_][a-z0-9_-]*\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$"
_HOST: Final = re.compile(r"(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_PORT: Final = re.compile(r":\d*\Z", re.ASCII)
_BRACKETED: Final = re.compile(r"\[([^\]]*)\](?::\d*)?\Z", re.ASCII)
_ALL_DIGITS: Final = re.compile(r"[\d.]+", re.ASCII)


def map_distinct(column: pl.Series, rule: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """Apply ``rule`` to texts, one row per text, evaluating each distinct text once if there are many."""
    if len(column) < FEW:
        return rule(column)
    keys = column.hash().alias("_key")  # joining on hashes takes two thirds of the time of joining on texts
    firsts = keys.arg_unique()
    if len(firsts) * 2 > len(column):
        return rule(column)
    distinct = column.gather(firsts)
    known = rule(distinct).insert_column(0, keys.gather(firsts)).insert_column(1, distinct.alias("_text"))
    rows = keys.to_frame().join(known, on="_key", how="left", maintain_order="left")
    if not rows["_text"].eq_missing(column).all():  # hash collision
        return rule(column)
    return rows.drop("_key", "_text")


def rewritten(column: pl.Series, odd: pl.Series, write: Callable[[str], str | None]) -> pl.Series:
    """Return texts with the few ``odd`` ones (Boolean, null meaning no) rewritten, each distinct one once."""
    import polars as pl

    at = odd.arg_true()
    if at.is_empty():
        return column

    def rule(texts: pl.Series) -> pl.DataFrame:
        return pl.Series("text", [write(text) for text in texts], pl.String).to_frame()

    return column.scatter(at, map_distinct(column.gather(at), rule).to_series())


def matching(column: pl.Series, pattern: str) -> pl.Series:
    """Tell which texts match a regular expression, given few distinct ones; null does not match."""
    import polars as pl

    if len(column) < FEW:
        return column.str.contains(pattern).fill_null(value=False)
    distinct = column.unique().drop_nulls()
    hits = distinct.filter(distinct.str.contains(pattern))
    if hits.is_empty():
        return pl.Series([False]).new_from_index(0, len(column))
    return column.is_in(hits.implode()).fill_null(value=False)


def present(column: pl.Series, empty: Collection[str]) -> pl.Series:
    """Return texts stripped of surrounding blanks, with the ``empty`` spellings of a missing value as null."""
    return column if column.null_count() == len(column) else without(column.str.strip_chars(), empty)


def without(column: pl.Series, empty: Collection[str]) -> pl.Series:
    """Return texts without surrounding blanks, with those in ``empty`` as null."""
    if column.null_count() == len(column) or not (column.str.len_bytes() <= max(map(len, empty))).any():
        return column
    none = column.is_in(list(empty))
    return column.set(none, None) if none.any() else column


def users(column: pl.Series, *, encoded: bool = False) -> pl.Series:
    r"""Return user names as logged, null for the many spellings of none; ``encoded`` names are percent-decoded.

    A backslash that a collector escaped once more than the format does (``DOMAIN\\user``) is written once.
    """

    def rule(texts: pl.Series) -> pl.DataFrame:
        import polars as pl

        if encoded and texts.str.contains("%", literal=True).any():
            texts = pl.Series([unescaped(text) if text and "%" in text else text for text in texts], dtype=pl.String)
        if texts.str.contains("\\\\", literal=True).any():
            texts = texts.str.replace_all(r"\\+", "\\")
        name = pl.lit(texts.str.strip_chars())
        return pl.select(pl.when(~name.str.to_lowercase().is_in(list(NO_USER))).then(name).alias("user"))

    return map_distinct(column, rule).to_series()


def unescaped(name: str, fallback: str = "cp1252") -> str:
    """Percent-decode a name as UTF-8 or else ``fallback``, by default what old browsers sent."""
    name_bytes = unquote_to_bytes(name)
    try:
        return name_bytes.decode()
    except UnicodeDecodeError:
        return name_bytes.decode(fallback, "replace")


def addresses(column: pl.Series) -> pl.Series:
    """Return IPv4 and IPv6 addresses in canonical form without port, brackets or zone; null if not an address."""
    if column.null_count() == len(column):
        return column

    def rule(texts: pl.Series) -> pl.DataFrame:
        return _with_odd_ones(texts.to_frame("address"), texts, texts.str.contains(_IPV4), lambda t: (read_address(t),))

    return map_distinct(column, rule).to_series()


def targets(column: pl.Series, on_hosts: Callable[[pl.Series], None] = lambda _: None) -> pl.DataFrame:
    """Return ``host`` or ``address`` of authorities (``user@Host.:443``, ``[::1]:80``); at most one is set.

    ``on_hosts`` is called with every host; few are passed more than once.
    """

    def rule(texts: pl.Series) -> pl.DataFrame:
        found = read(texts)
        on_hosts(found["host"])
        return found

    def read(texts: pl.Series) -> pl.DataFrame:
        import polars as pl

        plain = texts.str.contains(_PLAIN_AUTHORITY) & (texts.str.len_bytes() <= LONGEST_HOST)
        host = texts.str.splitn(":", 2).struct[0]
        frame = pl.DataFrame(
            {"host": host, "address": pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))}
        )
        return _with_odd_ones(frame, texts, plain, read_authority)

    return map_distinct(column, rule)


def sizes(column: pl.Series) -> pl.Series:
    """Return sizes in bytes, null for implausible numbers; a relay may have left trailing blanks on the line."""
    import polars as pl

    numbers = column.cast(pl.Int64, strict=False)
    if numbers.null_count() == column.null_count() == len(column):
        return numbers
    if numbers.null_count() > column.null_count():
        odd = (numbers.is_null() & column.is_not_null()).arg_true()
        numbers = numbers.scatter(odd, column.gather(odd).str.strip_chars().cast(pl.Int64, strict=False))
    return numbers.set(~numbers.is_between(0, LARGEST_SIZE), None)


def read_address(text: str) -> str | None:
    """Parse one address: ``10.0.0.1:80``, ``010.000.000.001``, ``[2001:DB8::1]:443``, ``fe80::1%eth0``; or None.

    Of a list, which proxies forward, the first is the client's.
    """
    text = text.partition(",")[0].strip()
    bracketed = _BRACKETED.match(text)
    if bracketed:
        text = bracketed[1]
    elif text.count(":") == 1:
        text = _PORT.sub("", text)
    text = text.partition("%")[0]
    if _ALL_DIGITS.fullmatch(text):
        text = ".".join(part.lstrip("0") or part[:1] for part in text.split("."))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def read_authority(text: str) -> tuple[str | None, str | None]:
    """Parse one authority; return (host, None), (None, address) or (None, None)."""
    if text.strip().lower() == _NO_HOST:
        return None, None
    text = re.split(r"[/?#\\\s]", text.strip(), maxsplit=1)[0].rpartition("@")[2]
    address = read_address(text) if len(text) < 64 else None
    if address is not None:
        return None, address
    name = _PORT.sub("", text).rstrip(".").lower().removeprefix("*.")  # firewalls name a host by its certificate
    if not name.isascii():
        name = _punycode(name)
    return (name, None) if _HOST.fullmatch(name) and not _ALL_DIGITS.fullmatch(name) else (None, None)


def _punycode(name: str) -> str:
    import idna

    try:
        return idna.encode(name, uts46=True).decode()
    except ValueError:  # covers IDNAError and UnicodeError
        return ""


def _with_odd_ones(
    frame: pl.DataFrame, texts: pl.Series, plain: pl.Series, read: Callable[[str], tuple[str | None, ...]]
) -> pl.DataFrame:
    """Replace the rows of ``frame`` whose text is not plain with the result of ``read``."""
    import polars as pl

    odd = plain.not_().arg_true()
    if odd.is_empty() and not texts.null_count():
        return frame
    kept = frame.with_columns(pl.when(plain).then(pl.all()))
    said = [read(text) for text in texts.gather(odd)]
    for index, name in enumerate(frame.columns):
        values = pl.Series([row[index] for row in said], dtype=pl.String)
        kept = kept.with_columns(kept[name].scatter(odd, values))
    return kept
