"""Statistics of fast-growing tables on PostgreSQL.

The server analyses tables itself only once a minute. Until then plans are made for an empty table: checking whether a
thousand records are known among 40,000 others took 1.3 s instead of 15 ms, and storing one activity among 400 took
40 ms instead of 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

CHANGES: Final = (100, 1_000, 10_000, 100_000)
"""Numbers of a tenant's changes at which the tables are analysed, unless the server already knows of as many rows."""

_KNOWN: Final = sa.text(
    "SELECT max(reltuples) FROM pg_class WHERE oid = to_regclass(:name)"
    " OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(:name))"
)


def gather(connection: sa.Connection, tables: Sequence[sa.Table], first: int, count: int) -> None:
    """Run ANALYZE on ``tables`` if ``count`` changes from number ``first`` on made them grow from few rows to many."""
    if connection.dialect.name == "sqlite":
        return
    for reached in CHANGES:
        if first <= reached < first + count:
            for table in tables:
                if connection.scalar(_KNOWN, {"name": table.name}) < reached:
                    connection.execute(sa.text(f"ANALYZE {table.name}"))
