"""Create the first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "api_tokens",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "token_id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_table(
        "app_tag_links",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "app_id", "tag_id", name=op.f("pk_app_tag_links")),
    )
    op.create_table(
        "app_tags",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "tag_id", name=op.f("pk_app_tags")),
        sa.UniqueConstraint("tenant_id", "folded_name", name=op.f("uq_app_tags_tenant_id_folded_name")),
    )
    op.create_table(
        "application_permissions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("permission", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "client_id", "resource", "permission", name=op.f("pk_application_permissions")
        ),
    )
    op.create_table(
        "application_secrets",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "key_id", name=op.f("pk_application_secrets")),
    )
    op.create_table(
        "applications",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("service_principal_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", name=op.f("pk_applications")),
    )
    op.create_table(
        "audit_log",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=24), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index("ix_audit_log_time", ["tenant_id", "time", "entry_id"], unique=False)

    op.create_table(
        "custom_apps",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "app_id", name=op.f("pk_custom_apps")),
    )
    op.create_table(
        "exclusions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "value", name=op.f("pk_exclusions")),
    )
    op.create_table(
        "governance_tasks",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=24), nullable=False),
        sa.Column("task_name", sa.Text(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("update_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=True),
        sa.Column("app_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("is_success", sa.Boolean(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "task_id", name=op.f("pk_governance_tasks")),
    )
    with op.batch_alter_table("governance_tasks", schema=None) as batch_op:
        batch_op.create_index("ix_governance_tasks_timestamp", ["tenant_id", "timestamp", "task_id"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject", name=op.f("pk_revisions")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("active_from", sa.BigInteger(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key_id", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "streams",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("stream_type", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_modified", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("anonymize_users", sa.Boolean(), nullable=False),
        sa.Column("anonymize_machines", sa.Boolean(), nullable=False),
        sa.Column("global_aggregated", sa.Boolean(), nullable=False),
        sa.Column("last_data_received", sa.BigInteger(), nullable=True),
        sa.Column("log_files", sa.Integer(), nullable=False),
        sa.Column("failed_log_files", sa.Integer(), nullable=False),
        sa.Column("has_users", sa.Boolean(), nullable=False),
        sa.Column("has_devices", sa.Boolean(), nullable=False),
        sa.Column("has_total_bytes", sa.Boolean(), nullable=False),
        sa.Column("has_uploaded_bytes", sa.Boolean(), nullable=False),
        sa.Column("has_downloaded_bytes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", name=op.f("pk_streams")),
    )
    with op.batch_alter_table("streams", schema=None) as batch_op:
        batch_op.create_index(
            "uq_streams_display_name",
            ["tenant_id", "display_name"],
            unique=True,
            sqlite_where=sa.text("stream_type <> 5"),
            postgresql_where=sa.text("stream_type <> 5"),
        )

    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("pseudonym_key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("domain", name=op.f("uq_tenants_domain")),
        sa.UniqueConstraint("guid", name=op.f("uq_tenants_guid")),
        sa.UniqueConstraint("name", name=op.f("uq_tenants_name")),
    )
    op.create_table(
        "unlisted_apps",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "app_id", name=op.f("pk_unlisted_apps")),
    )
    with op.batch_alter_table("unlisted_apps", schema=None) as batch_op:
        batch_op.create_index("uq_unlisted_apps_domain", ["tenant_id", "domain"], unique=True)

    op.create_table(
        "uploads",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.String(length=24), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=True),
        sa.Column("task_id", sa.String(length=24), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=True),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "upload_id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_uploads_secret_hash")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index("ix_uploads_state", ["state", "received"], unique=False)

    op.create_table(
        "users",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("upn", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("deprovisioned", sa.BigInteger(), nullable=True),
        sa.Column("stream_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("tenant_id", "upn", name=op.f("uq_users_tenant_id_upn")),
    )
