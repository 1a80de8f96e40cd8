"""Queries on stored activities, and their bare SQL: the store's statements, executed by the driver alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from bench import material
from bench.samples import Samples, sampled

if TYPE_CHECKING:
    from opencasb.app import Casb

PAGE: Final = 100
SCAN: Final = 5_000
SCANNED: Final = 5
"""Pages read of a scan."""

Filters = Mapping[str, Any]  # JSON
Statement = tuple[str, Any]  # text and parameters as the driver takes them


@dataclass(frozen=True, slots=True)
class Query:
    """One kind of query with several instances, used in rotation: list filters, or activity ids.

    A ``scan`` reads several pages with one set of filters. ``limit`` is the page size.
    """

    name: str
    filters: Sequence[Filters] = ()
    ids: Sequence[str] = ()
    limit: int = PAGE
    scan: bool = False

    @property
    def is_page(self) -> bool:
        """Whether it is a page as read by clients."""
        return bool(self.filters) and self.limit == PAGE


@dataclass(frozen=True, slots=True)
class Bare:
    """Times of the SQL of a call: of its page, and of page plus count, both of which a response needs."""

    rows: int
    page: Samples
    whole: Samples


def queries(casb: Casb, tenant_id: int, end: int) -> list[Query]:
    """Return the queries for a store filled up to ``end`` (ms)."""
    busy, quiet = range(1, 11), range(material.PEOPLE - 10, material.PEOPLE)
    words = material.words()
    tags = {each["name"]: each["tags"][0]["id"] for each in casb.ip_ranges.all(tenant_id)}
    return [
        Query("latest 100", [{}]),
        Query("service and week", [{**_eq("service", app), **_week(end, back)} for back in (1, 9) for app in _APPS]),
        Query("service and its suite", [_eq("service", 11161)]),
        Query("rare service", [_eq("service", 11627)]),
        Query("busy user", [_eq("user.username", material.user_name(each)) for each in busy]),
        Query("quiet user", [_eq("user.username", material.user_name(each)) for each in quiet]),
        Query(
            "user and failed sign-in", [{**_eq("user.username", material.user_name(each)), **_FAILED} for each in busy]
        ),
        Query("IP prefix, a site", [_starts(f"10.{site}.") for site in range(8)]),
        Query("IP prefix, one address", [_starts(material.site_address(each)) for each in busy]),
        Query("IP tag, half of all", [_eq("ip.tags", tags["Sites"])]),
        Query("IP tag, rare", [_eq("ip.tags", tags["Reported hosts"])]),
        Query("country, rare", [_eq("location.country", "JP")]),
        Query("is set, four of ten", [{"location.organizations": {"isset": True}}]),
        Query("is set, none", [{"policy": {"isset": True}}]),
        Query("text, common", [_text(word) for word in ("sharepoint", "chrome", words[0], words[1])]),
        Query("text, some", [_text(word) for word in words[1500:3000:150]]),
        Query("text, rare", [_text(material.RARE_WORD), _text(f"the {material.RARE_WORD} plan")]),
        Query("text, absent", [_text(material.ABSENT_WORD), _text(f"{words[2]} {material.ABSENT_WORD}")]),
        Query("id", ids=_some_ids(casb, tenant_id)),
        Query("count, everything", [{}], limit=1),
        Query("count, one country", [_eq("location.country", "SE")], limit=1),
        Query("scan, pages of 5,000", [{}], limit=SCAN, scan=True),
        Query("scan of a service", [_eq("service", _APPS[0])], limit=SCAN, scan=True),
    ]


_APPS: Final = (20892, 15600, 20893, 28375, 11114)
_FAILED: Final = {"activity.eventType": {"eq": ["EVENT_CATEGORY_FAILED_LOGIN"]}}


def _eq(name: str, value: object) -> dict[str, Any]:  # JSON
    return {name: {"eq": [value]}}


def _starts(text: str) -> Filters:
    return {"ip.address": {"startswith": [text]}}


def _text(text: str) -> Filters:
    return {"text": {"text": text}}


def _week(end: int, back: int) -> Filters:
    start = end - back * 7 * material.DAY
    return {"date": {"range": [{"start": start, "end": start + 7 * material.DAY}]}}


def _some_ids(casb: Casb, tenant_id: int) -> list[str]:
    found = [casb.activities.page(tenant_id, order="timestamp", ascending=up, limit=10) for up in (True, False)]
    return [row.record_id for rows in found for row in rows]


def bare(casb: Casb, tenant_id: int, query: Query, budget: float) -> Bare:
    """Measure the store's statements for a query: pages for ``budget`` seconds, then pages with their counts."""
    rows, pages, counts = _statements(casb, tenant_id, query)
    connection = casb.database.engine.raw_connection()
    try:
        page = sampled([_runner(connection, each) for each in pages], budget)
        both = [[*page, *count] for page, count in zip(pages, counts, strict=True)]
        whole = sampled([_runner(connection, each) for each in both], budget) if any(counts) else page
    finally:
        connection.close()
    return Bare(rows, page, whole)


def _statements(casb: Casb, tenant_id: int, query: Query) -> tuple[int, list[list[Statement]], list[list[Statement]]]:
    """Return the row count of the first call, and the statements of each call's page and count."""
    from opencasb.api.v1.record_list import COUNTED_AHEAD
    from opencasb.filters.fields import ACTIVITIES
    from opencasb.filters.parse import parse

    found: list[int] = []
    pages: list[list[Statement]] = []
    counts: list[list[Statement]] = []
    for record_id in query.ids:
        with _recorded(casb) as sent:
            found.append(len(casb.activities.many(tenant_id, [record_id])))
        pages.append(sent)
        counts.append([])
    for filters in query.filters:
        where, after = parse(filters, ACTIVITIES, casb.clock()), None
        for _ in range(SCANNED if query.scan else 1):
            most = query.limit + COUNTED_AHEAD
            with casb.database.read() as connection:
                with _recorded(casb) as sent:
                    known = casb.activities.search(connection, tenant_id, where, most)
                    rows = casb.activities.page(
                        tenant_id,
                        where,
                        order="timestamp",
                        ascending=False,
                        limit=query.limit + 1,
                        after=after,
                        connection=connection,
                        found=known,
                    )
                pages.append(sent)
                with _recorded(casb) as sent:
                    if len(rows) > query.limit or after is not None:
                        casb.activities.count(tenant_id, where, most, connection=connection, found=known)
                counts.append(sent)
            found.append(len(rows))
            if len(rows) <= query.limit:
                break
            after = rows[-2].key, rows[-2].record_id
    return max(found), pages, counts


@contextmanager
def _recorded(casb: Casb) -> Iterator[list[Statement]]:
    """Record the statements sent while the block runs, except the start of transactions."""
    sent: list[Statement] = []

    def keep(*event: Any) -> None:  # SQLAlchemy passes connection, cursor, statement, parameters, ...
        if not event[2].startswith("BEGIN"):
            sent.append((event[2], event[3]))

    engine = casb.database.engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", keep)


def _runner(connection: Any, statements: Sequence[Statement]) -> Callable[[], None]:  # a connection of any driver
    def run() -> None:
        cursor = connection.cursor()
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        cursor.close()
        connection.commit()  # as the store does, so that the driver keeps its prepared statements

    return run


def bodies(query: Query) -> Iterator[Filters]:
    """Yield the request bodies of a query; for a scan, the first one."""
    for filters in itertools.islice(query.filters, 1 if query.scan else None):
        body = {"filters": filters, "limit": query.limit}
        yield {**body, "isScan": True} if query.scan else body
