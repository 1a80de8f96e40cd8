"""PostgreSQL-only options of tables and indexes."""

from __future__ import annotations

import sqlalchemy as sa


def on_postgresql(item: sa.Table | sa.Index, table: sa.Table, **options: object) -> None:
    """Apply PostgreSQL options to ``item``, a table or one of its indexes, when ``table`` is created there.

    As arguments of the item itself they would import that dialect, which costs every command on SQLite 20 ms.
    """

    def give(_table: object, connection: sa.Connection, **_: object) -> None:
        if connection.dialect.name == "postgresql":
            item.dialect_options["postgresql"].update(options)

    sa.event.listen(table, "before_create", give)
