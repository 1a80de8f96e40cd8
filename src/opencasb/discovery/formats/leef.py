"""Read Log Event Extended Format: what all vendors' lines have in common, and any vendor's lines (GENERIC_LEEF)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import polars as pl
from msgspec.structs import replace

from opencasb.discovery.formats.base import Format, Holder, ParseContext, Parser
from opencasb.discovery.formats.checkpoint_fields import device, login, sees_traffic, with_session
from opencasb.discovery.formats.keyvalue import Field, text, word
from opencasb.discovery.formats.leef_fields import LOST_PREFIX, START, cut_head, read_attributes
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import else_of_header, read_times
from opencasb.discovery.formats.updates import Updates
from opencasb.discovery.formats.values import NAME, NOT_NEGATED
from opencasb.discovery.formats.wrappers import unwrap

BLOCK: Final = (
    rf"(?i)(?:^|\S|{NOT_NEGATED})"
    r"(?:block|den(?:y|ied)|drop|reject|reset|discard|refuse|prevent|quarantin|sinkhol|forbid)"
)
_MONTH_FIRST: Final = r"^M{1,2}[^M]"
_DAY_FIRST: Final = r"^d{1,2}[^d]M{1,2}[^M]"
_HOSTED: Final = r"^(?:[A-Za-z]+://|[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/|$))"
"""URLs that include the host; the domain beside them is that of the user or the device."""
_OWN: Final = r"(?i:Palo Alto Networks|Forcepoint|Websense|Zscaler|WatchGuard|Menlo Security)\|"
"""Vendors with their own LEEF source type: other vendors' lines mixed in do not make the log generic LEEF."""
_CHECK_POINT: Final = "Check Point"
_PING: Final = r"(?:^|\W)proto=(?:1|58|(?i:icmp\w*))(?:[^\w.]|$)"


class Leef(Parser):
    """Read LEEF lines; subclasses decide which attributes and records of a vendor count."""

    holders: ClassVar[tuple[Callable[[], Holder], ...]] = (Updates,)

    fields: ClassVar[Mapping[str, Field]] = {
        "time": text("devTime"),
        "form": text("devTimeFormat"),
        "user": text("usrName", "accountName", "identSrc", "src_user_name"),
        "source": word("src"),
        "device": text("identHostName", "src_machine_name", "srcMAC"),
        "server": word("dst"),
        "authority": word("domain", "hostname", "dst_domain_name", "sni"),
        "url": word("url", "request", "resource"),
        "action": text("action", "act"),
        "category": text("cat"),
        "reason": text("blockReason"),
        "status": word("httpStatus"),
        "sent": word("srcBytes", "bytesOut", "sent", "sent_bytes", "client_outbound_bytes"),
        "received": word("dstBytes", "bytesIn", "recv", "rcvd", "received_bytes", "client_inbound_bytes"),
        "total": word("totalBytes", "bytes"),
    }
    """RAW columns, ``time`` and its ``form`` (``devTimeFormat``), and the inputs of the rules below."""

    vendor: ClassVar[str] = ""
    """Matches ``vendor|product`` of the lines to read; other lines do not belong to this format."""

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = cut_head(unwrap(lines, START))
        vendor = pl.col("vendor")
        maker = (vendor + "|" + pl.col("product")).str.contains(self.vendor)
        strange = rows.select((pl.col("delimiter").is_null() | ~maker).fill_null(value=True)).to_series()
        done = [finished(rows.filter(strange), rejected=self._strange())]
        rows = rows.filter(~strange).with_columns(self._unused().alias("unused"))
        left = rows.filter(pl.col("unused").is_not_null())
        done.append(finished(left).with_columns(left["unused"].alias("ignored")))
        rows = rows.filter(pl.col("unused").is_null()).drop("unused")
        if rows.height:
            rows = rows.with_columns(pl.when(vendor == _CHECK_POINT).then("attributes").alias("told"))
            done.append(self._transactions(self._attributes(rows)))
        return pl.concat(done, how="diagonal")

    def _attributes(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add the columns of ``fields``."""
        return read_attributes(rows, self.fields)

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = self._judged(rows.with_columns(_times(rows, self._context).alias("timestamp")))
        parsed = normalise(rows, self._context)
        if rows["told"].null_count() < rows.height:
            return with_session(parsed, rows["told"])
        return parsed.with_columns(rows[RECORD]) if RECORD in rows.columns else parsed

    def _strange(self) -> str:
        return "not a LEEF line of this vendor" if self.vendor else "not a LEEF line"

    def _unused(self) -> pl.Expr:
        """Return why a line is skipped on the evidence of its header alone: vendor, product, event, attributes."""
        ours = pl.col("vendor") == _CHECK_POINT
        ping = pl.when(ours).then("attributes").str.contains(_PING)
        return (
            pl.when(ours & ~sees_traffic(pl.col("product")))
            .then(pl.lit("not a connection or request record"))
            .when(ping)
            .then(pl.lit("ICMP"))
        )

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add ``ignored`` and ``blocked``, and prepare values for normalisation."""
        server, authority = pl.col("server"), pl.col("authority")
        ours = pl.when(pl.col("vendor") == _CHECK_POINT)
        user, host = ours.then(login()).otherwise("user"), ours.then(device()).otherwise("device")
        path = pl.col("url").str.contains("^/(?:[^/]|$)")
        named = server.str.contains(NAME) & authority.is_null() & (pl.col("url").is_null() | path)
        hosted = pl.col("url").str.contains(_HOSTED)
        words = pl.coalesce("action", pl.col("category").fill_null("") + " " + pl.col("event"))
        blocked = words.str.contains(BLOCK) | pl.col("reason").str.contains(r"\w")
        target = pl.coalesce("server", "authority", "url")
        return rows.with_columns(
            pl.when(named).then(server).when(hosted).then(None).otherwise(authority).alias("authority"),
            pl.when(path).then("url").alias("path"),
            pl.when(~user.str.contains(r"^\d+\.\d+\.\d+\.\d+$")).then(user).alias("user"),
            host.alias("device"),
            blocked.fill_null(value=False).alias("blocked"),
            pl.when(pl.col("source").is_null() | target.is_null())
            .then(pl.lit("no traffic record"))
            .when(pl.col("status") == "407")
            .then(pl.lit("authentication challenge"))
            .alias("ignored"),
        )


def _times(rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Return ms of ``devTime``, using its form only to tell day from month order; else of the header."""
    rows = rows.with_columns(pl.col("time").str.strip_chars())  # trailing blanks
    times = read_times(rows["time"], context)
    if rows["form"].null_count() < rows.height:
        other = rows["form"].str.contains(_MONTH_FIRST if context.day_first else _DAY_FIRST).fill_null(value=False)
        if other.any():
            turned = read_times(rows["time"].filter(other), replace(context, day_first=not context.day_first))
            times = times.scatter(other.arg_true(), turned)
    return else_of_header(times, rows, context)


FORMATS: Final = (
    Format(
        sources=("GENERIC_LEEF", "GENERIC_LEEF_SYSLOG"),
        recognise=signature(rf"{START}(?![\d.]*\|{_OWN})|(?![\d.]+\|{_OWN}){LOST_PREFIX}", "LEEF"),
        open=Leef,
        rank=51,  # after every vendor with its own source type for LEEF
    ),
)
