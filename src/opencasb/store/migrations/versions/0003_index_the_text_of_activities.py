"""Index the text of activities, and the columns used for look-ups."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SOUGHT = (
    "app_id",
    "saas_id",
    "instance_id",
    "full_action_type",
    "is_admin",
    "is_impersonated",
    "taken_action",
    "device_type",
    "isp",
    "ip_category",
    "user_domain",
    "org_unit",
)


def upgrade() -> None:
    """Index the text of activities; takes 20 s per million on SQLite."""
    for column in SOUGHT:
        op.create_index(f"ix_activities_{column}_seq", "activities", ["tenant_id", column, "seq"])
    if op.get_bind().dialect.name == "sqlite":
        _index_text()
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_index(
        "ix_activities_search_text",
        "activities",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )


def _index_text() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE activities_text USING fts5"
        " (text, content='', detail=none, columnsize=0, tokenize='trigram case_sensitive 1')"
    )
    op.execute("INSERT INTO activities_text (activities_text, rank) VALUES ('hashsize', 16000000)")
    op.execute(
        "INSERT INTO activities_text (rowid, text) SELECT (tenant_id << 32) + seq, search_text FROM activities"
        " ORDER BY tenant_id, seq"
    )
    op.execute(
        "INSERT INTO record_sequences (tenant_id, resource, last) SELECT tenant_id, 'activities_text', max(seq)"
        " FROM activities GROUP BY tenant_id"
    )
