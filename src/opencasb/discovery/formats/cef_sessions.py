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

    The group of ``header`` is a line's signature and name. There ``end`` and ``web`` match session and request records,
    ``interim`` those of a long session that continues. The groups of ``session`` together are its id, ``label`` is in
    the lines that have one.
    """

    mark: str
    header: str
    end: str
    web: str
    session: tuple[str, ...]
    interim: str = ""
    label: str = ""


_SIGNATURE_AND_NAME: Final = r"\|[^|]*\|([^|]*\|[^|]*)\|"
_FORWARD: Final = r"\|.*(?:traffic:forward|forward traffic)"

MAKERS: Final = (
    Maker(
        mark="|Fortinet|",
        header=rf"\|Fortinet\|Forti[Gg]ate[^|]*{_SIGNATURE_AND_NAME}",
        end=_FORWARD,
        web=r"\|.*(?:webfilter|app-ctrl)",
        session=(r"[ |](?i:externalid)=\"?0*([1-9]\d*)",),
        interim=rf"^\d*00020{_FORWARD}",  # the log id
    ),
    Maker(
        mark="|Palo Alto Networks|",
        header=rf"\|Palo Alto Networks\|[^|]*{_SIGNATURE_AND_NAME}",
        end=r"^TRAFFIC\||\|TRAFFIC$",
        web=r"^[A-Z]+\|url$|(?:^url|\(9999\))\|THREAT$",
        session=(r"[ |]cn1=([1-9]\d*)", r"[ |]spt=(\d+)"),  # ids are soon used again
        label=r"cn1Label=Session ?ID\b",
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
    told = [_told(lines, maker) for maker in makers]
    known = [pl.coalesce(pl.lit(each[name]) for each in told).alias(name) for name in ("_kind", "_id")]
    rows = rows.join(lines.select("line", *known), on="line", how="left", maintain_order="left")
    counted = pl.col("ignored").is_null() & pl.col("rejected").is_null() & pl.col("_kind").is_not_null()
    named = counted & pl.col("_id").is_not_null()
    return rows.with_columns(
        pl.when(named).then(pl.struct("_id", "source_ip").hash()).alias(SESSION),
        pl.when(named).then("_kind").otherwise(RECORD).alias(RECORD),
    ).drop("_kind", "_id")


def _told(lines: pl.DataFrame, maker: Maker) -> pl.DataFrame:
    """Return the role (``_kind``) and the id of the session (``_id``) of each line, null for those of other makers.

    Searching for the role in the header alone costs half as much as in the whole line.
    """
    text, header = pl.col("text"), pl.col("header")
    kinds = {"interim": maker.interim, "end": maker.end, "web": maker.web}
    ids = pl.concat_str([text.str.extract(pattern) for pattern in maker.session], separator=" ")
    labelled = header.is_not_null() & (text.str.contains(maker.label) if maker.label else True)
    return lines.select(text, text.str.extract(maker.header).alias("header")).select(
        pl.coalesce(
            pl.when(header.str.contains(pattern)).then(pl.lit(kind)) for kind, pattern in kinds.items() if pattern
        ).alias("_kind"),
        pl.when(labelled).then(ids).alias("_id"),
    )
