"""Merging of an app's rows from several streams into one (saas §3).

People, addresses and devices overlap between streams, so the highest count is taken; traffic and transactions are
summed. Names, categories and scores come from the first stream that has one.

Microsoft lists its *Global view* among the streams, and an OpenCASB may: it covers all the others, so adding it would
double everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from opencasb.model.saas import AppRow
from opencasb.saas.app_rows import LARGEST

GLOBAL_VIEW: Final = "global view"
"""The lower-case name of the stream of all streams; nothing else distinguishes it."""


def merged(streams: Iterable[Sequence[AppRow]], whole: Collection[int] = ()) -> list[tuple[AppRow, int]]:
    """Return one row per app with the number of streams that it occurs in; ``streams`` are in the Graph's order.

    ``whole`` holds the positions of streams that cover all the others.
    """
    found: dict[str, list[AppRow]] = {}
    wholes: dict[str, list[AppRow]] = {}
    for place, rows in enumerate(streams):
        for row in rows:
            found.setdefault(row.app_id, []).append(row)
            wholes.setdefault(row.app_id, []).extend([row] if place in whole else [])
    return [(_one(rows, wholes[app_id]) if len(rows) > 1 else rows[0], len(rows)) for app_id, rows in found.items()]


def _one(rows: Sequence[AppRow], wholes: Sequence[AppRow]) -> AppRow:
    first = rows[0]
    return AppRow(
        app_id=first.app_id,
        display_name=first.display_name,
        category=next((row.category for row in rows if row.category != "unknown"), "unknown"),
        domains=_union(row.domains for row in rows),
        tags=_union(row.tags for row in rows),
        risk_score=next((row.risk_score for row in rows if row.risk_score is not None), None),
        last_seen=_of_known(max, [row.last_seen for row in rows]),
        first_seen=_of_known(min, [row.first_seen for row in rows]),
        user_count=max(row.user_count for row in rows),
        ip_address_count=max(row.ip_address_count for row in rows),
        device_count=_of_known(max, [row.device_count for row in rows]),
        transaction_count=_sum(rows, wholes, lambda row: row.transaction_count),
        upload_bytes=_sum(rows, wholes, lambda row: row.upload_bytes),
        download_bytes=_sum(rows, wholes, lambda row: row.download_bytes),
    )


def _union(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(text for texts in lists for text in texts))


def _sum(rows: Sequence[AppRow], wholes: Sequence[AppRow], count: Callable[[AppRow], int]) -> int:
    of_wholes = [count(row) for row in wholes]
    return min(max(sum(map(count, rows)) - sum(of_wholes), *of_wholes, 0), LARGEST)


def _of_known(choose: Callable[[list[int]], int], values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None
