"""Options that tables and indexes have on PostgreSQL only."""

from __future__ import annotations

import sqlalchemy as sa


def on_postgresql(item: sa.Table | sa.Index, table: sa.Table, **options: object) -> None:
    """Give ``item``, a table or an index of it, options of PostgreSQL's dialect when ``table`` is made there.

    As arguments of the item itself they would load that dialect, which takes every command on SQLite 20 ms.
    """

    def give(_table: object, connection: sa.Connection, **_: object) -> None:
        if connection.dialect.name == "postgresql":
            item.dialect_options["postgresql"].update(options)

    sa.event.listen(table, "before_create", give)
