"""Find the sessions in CEF of firewalls that log bytes and requests apart (log-formats §1, §5 FORTIGATE, PALO_ALTO).

Client and session id together identify a session, since several firewalls may write one log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.discovery.formats.sessions import RECORD, SESSION


@dataclass(frozen=True, slots=True)
class Maker:
    """A vendor's records: ``mark`` is a literal in each, all else are regular expressions.

    ``end`` and ``web`` match session and request records, ``interim`` those of a long session that continues. The
    groups of ``session`` together are its id.
    """

    mark: str
    end: str
    web: str
    session: tuple[str, ...]
    interim: str = ""


_FORTIGATE: Final = r"\|Fortinet\|Forti[Gg]ate[^|]*\|[^|]*\|"
_FORWARD: Final = r"\|[^|]*(?:traffic:forward|forward traffic)"
_PAN: Final = r"\|Palo Alto Networks\|[^|]*\|[^|]*\|"
_NUMBERED: Final = r"\|.*[ |]cn1Label=Session ?ID\b"

MAKERS: Final = (
    Maker(
        mark="|Fortinet|",
        end=rf"{_FORTIGATE}[^|]*{_FORWARD}",
        web=rf"{_FORTIGATE}[^|]*\|[^|]*(?:webfilter|app-ctrl)",
        session=(r"[ |](?i:externalid)=\"?0*([1-9]\d*)",),
        interim=rf"{_FORTIGATE}\d*00020{_FORWARD}",  # the log id
    ),
    Maker(
        mark="|Palo Alto Networks|",
        end=rf"{_PAN}(?:TRAFFIC\|[^|]*|[^|]*\|TRAFFIC){_NUMBERED}",
        web=rf"{_PAN}(?:[A-Z]+\|url|(?:url|[^|]*\(9999\))\|THREAT){_NUMBERED}",
        session=(r"[ |]cn1=([1-9]\d*)", r"[ |]spt=(\d+)"),  # ids are soon used again
    ),
)


def with_session(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add SESSION, and the role in it, to rows where ``lines`` (``text``) are of these makers and name one.

    Rows without RECORD are known to be of others.
    """
    if RECORD not in rows.columns:
        return rows
    makers = [maker for maker in MAKERS if lines["text"].str.contains(maker.mark, literal=True).any()]
    if not makers:
        return rows
    told = lines.select(
        "line",
        pl.coalesce(_kind(maker) for maker in makers).alias("_kind"),
        pl.coalesce(_session(maker) for maker in makers).alias("_id"),
    )
    rows = rows.join(told, on="line", how="left", maintain_order="left")
    counted = pl.col("ignored").is_null() & pl.col("rejected").is_null() & pl.col("_kind").is_not_null()
    named = counted & pl.col("_id").is_not_null()
    return rows.with_columns(
        pl.when(named).then(pl.struct("_id", "source_ip").hash()).alias(SESSION),
        pl.when(named).then("_kind").otherwise(RECORD).alias(RECORD),
    ).drop("_kind", "_id")


def _kind(maker: Maker) -> pl.Expr:
    kinds = {"interim": maker.interim, "end": maker.end, "web": maker.web}
    text = pl.col("text")
    return pl.coalesce(
        pl.when(text.str.contains(pattern)).then(pl.lit(kind)) for kind, pattern in kinds.items() if pattern
    )


def _session(maker: Maker) -> pl.Expr:
    ids = pl.concat_str([pl.col("text").str.extract(pattern) for pattern in maker.session], separator=" ")
    return pl.when(pl.col("text").str.contains(maker.mark, literal=True)).then(ids)
