"""Alembic's entry point: runs on the connection that :mod:`opencasb.store.migrate` passes in."""

from __future__ import annotations

from alembic import context

from opencasb.store.migrate import complete_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=complete_metadata(),
    transactional_ddl=False,  # the transaction is the caller's
    render_as_batch=True,
    on_version_apply=context.config.attributes.get("progress"),
)
context.run_migrations()
