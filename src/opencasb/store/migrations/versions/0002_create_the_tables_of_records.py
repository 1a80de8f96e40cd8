"""Create the record tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:  # noqa: PLR0915 -- a schema is a list
    op.create_table(
        "activities",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("saas_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("event_type", TEXT, nullable=True),
        sa.Column("event_action_type", TEXT, nullable=True),
        sa.Column("action_type", TEXT, nullable=True),
        sa.Column("full_action_type", TEXT, nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_impersonated", sa.Boolean(), nullable=False),
        sa.Column("taken_action", TEXT, nullable=True),
        sa.Column("device_type", TEXT, nullable=True),
        sa.Column("user_agent", TEXT, nullable=True),
        sa.Column("country", TEXT, nullable=True),
        sa.Column("isp", TEXT, nullable=True),
        sa.Column("ip_category", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.BigInteger(), nullable=True),
        sa.Column("stream_id", TEXT, nullable=True),
        sa.Column("user_name", TEXT, nullable=True),
        sa.Column("user_domain", TEXT, nullable=True),
        sa.Column("org_unit", TEXT, nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_activities")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activities_action_type_timestamp_record_id",
            ["tenant_id", "action_type", "timestamp", "record_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_activities_app_id_timestamp_record_id", ["tenant_id", "app_id", "timestamp", "record_id"], unique=False
        )
        batch_op.create_index(
            "ix_activities_country_timestamp_record_id",
            ["tenant_id", "country", "timestamp", "record_id"],
            unique=False,
        )
        batch_op.create_index("ix_activities_created_record_id", ["tenant_id", "created", "record_id"], unique=False)
        batch_op.create_index(
            "ix_activities_event_type_timestamp_record_id",
            ["tenant_id", "event_type", "timestamp", "record_id"],
            unique=False,
        )
        batch_op.create_index("ix_activities_seq", ["tenant_id", "seq"], unique=False)
        batch_op.create_index(
            "ix_activities_timestamp_record_id", ["tenant_id", "timestamp", "record_id"], unique=False
        )
        batch_op.create_index(
            "ix_activities_user_name_timestamp_record_id",
            ["tenant_id", "user_name", "timestamp", "record_id"],
            unique=False,
        )

    op.create_table(
        "activities_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_activities_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("activities_values", schema=None) as batch_op:
        batch_op.create_index("ix_activities_values_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "activity_feedback",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.String(length=24), nullable=False),
        sa.Column("activity_id", TEXT, nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("allow_contact", sa.Boolean(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "feedback_id", name=op.f("pk_activity_feedback")),
    )
    with op.batch_alter_table("activity_feedback", schema=None) as batch_op:
        batch_op.create_index("ix_activity_feedback_activity_id", ["tenant_id", "activity_id"], unique=False)

    op.create_table(
        "alerts",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("severity_rank", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("resolution_status", sa.Integer(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("alert_type", sa.BigInteger(), nullable=True),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_alerts")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_alerts_resolution_status_record_id", ["tenant_id", "resolution_status", "record_id"], unique=False
        )
        batch_op.create_index("ix_alerts_seq", ["tenant_id", "seq"], unique=False)
        batch_op.create_index(
            "ix_alerts_severity_rank_record_id", ["tenant_id", "severity_rank", "record_id"], unique=False
        )
        batch_op.create_index("ix_alerts_timestamp_record_id", ["tenant_id", "timestamp", "record_id"], unique=False)

    op.create_table(
        "alerts_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_alerts_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("alerts_values", schema=None) as batch_op:
        batch_op.create_index("ix_alerts_values_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "entities",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("entity_type", sa.Integer(), nullable=False),
        sa.Column("saas_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_external", sa.Boolean(), nullable=True),
        sa.Column("domain", TEXT, nullable=True),
        sa.Column("organization", TEXT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("display_name", TEXT, nullable=True),
        sa.Column("user_name", TEXT, nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", TEXT, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_entities")),
    )
    with op.batch_alter_table("entities", schema=None) as batch_op:
        batch_op.create_index("ix_entities_display_name", ["tenant_id", "display_name"], unique=False)
        batch_op.create_index(
            "ix_entities_entity_type_last_seen_record_id",
            ["tenant_id", "entity_type", "last_seen", "record_id"],
            unique=False,
        )
        batch_op.create_index("ix_entities_last_seen_record_id", ["tenant_id", "last_seen", "record_id"], unique=False)
        batch_op.create_index("ix_entities_score_record_id", ["tenant_id", "score", "record_id"], unique=False)
        batch_op.create_index("ix_entities_seq", ["tenant_id", "seq"], unique=False)
        batch_op.create_index("ix_entities_user_name_record_id", ["tenant_id", "user_name", "record_id"], unique=False)

    op.create_table(
        "entities_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_entities_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("entities_values", schema=None) as batch_op:
        batch_op.create_index("ix_entities_values_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "files",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=True),
        sa.Column("snapshot_modified", sa.BigInteger(), nullable=True),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("file_type", sa.Integer(), nullable=False),
        sa.Column("access_level", sa.Integer(), nullable=False),
        sa.Column("file_status", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("extension", TEXT, nullable=True),
        sa.Column("mime_type", TEXT, nullable=True),
        sa.Column("is_folder", sa.Boolean(), nullable=False),
        sa.Column("is_quarantined", sa.Boolean(), nullable=False),
        sa.Column("owner_entity", TEXT, nullable=True),
        sa.Column("owner_name", TEXT, nullable=True),
        sa.Column("owner_org_unit", TEXT, nullable=True),
        sa.Column("parent_id", TEXT, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_files")),
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index(
            "ix_files_access_level_modified_record_id",
            ["tenant_id", "access_level", "modified", "record_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_files_app_id_modified_record_id", ["tenant_id", "app_id", "modified", "record_id"], unique=False
        )
        batch_op.create_index("ix_files_created_record_id", ["tenant_id", "created", "record_id"], unique=False)
        batch_op.create_index("ix_files_modified_record_id", ["tenant_id", "modified", "record_id"], unique=False)
        batch_op.create_index("ix_files_name", ["tenant_id", "name"], unique=False)
        batch_op.create_index(
            "ix_files_owner_entity_modified_record_id",
            ["tenant_id", "owner_entity", "modified", "record_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_files_owner_name_modified_record_id", ["tenant_id", "owner_name", "modified", "record_id"], unique=False
        )
        batch_op.create_index("ix_files_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "files_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_files_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("files_values", schema=None) as batch_op:
        batch_op.create_index("ix_files_values_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "ip_range_blocks",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last", sa.LargeBinary(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "first", name=op.f("pk_ip_range_blocks")),
    )
    with op.batch_alter_table("ip_range_blocks", schema=None) as batch_op:
        batch_op.create_index("ix_ip_range_blocks_record_id", ["tenant_id", "record_id"], unique=False)

    op.create_table(
        "ip_ranges",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("category", sa.Integer(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("tag_names", TEXT, nullable=False),
        sa.Column("is_built_in", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_ip_ranges")),
    )
    with op.batch_alter_table("ip_ranges", schema=None) as batch_op:
        batch_op.create_index("ix_ip_ranges_category_record_id", ["tenant_id", "category", "record_id"], unique=False)
        batch_op.create_index("ix_ip_ranges_modified_record_id", ["tenant_id", "modified", "record_id"], unique=False)
        batch_op.create_index("ix_ip_ranges_name_record_id", ["tenant_id", "name", "record_id"], unique=False)
        batch_op.create_index("ix_ip_ranges_seq", ["tenant_id", "seq"], unique=False)
        batch_op.create_index("ix_ip_ranges_tag_names_record_id", ["tenant_id", "tag_names", "record_id"], unique=False)

    op.create_table(
        "ip_ranges_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_ip_ranges_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ip_ranges_values", schema=None) as batch_op:
        batch_op.create_index("ix_ip_ranges_values_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "ip_tags",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "tag_id", name=op.f("pk_ip_tags")),
        sa.UniqueConstraint("tenant_id", "folded_name", name=op.f("uq_ip_tags_tenant_id_folded_name")),
    )
    op.create_table(
        "policies",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("policy_type", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_policies")),
    )
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.create_index("ix_policies_modified_record_id", ["tenant_id", "modified", "record_id"], unique=False)
        batch_op.create_index("ix_policies_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "policies_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_policies_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("policies_values", schema=None) as batch_op:
        batch_op.create_index("ix_policies_values_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "record_sequences",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "resource", name=op.f("pk_record_sequences")),
    )
    op.create_table(
        "user_groups",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", name=op.f("pk_user_groups")),
    )
    with op.batch_alter_table("user_groups", schema=None) as batch_op:
        batch_op.create_index("ix_user_groups_name_record_id", ["tenant_id", "name", "record_id"], unique=False)
        batch_op.create_index("ix_user_groups_seq", ["tenant_id", "seq"], unique=False)

    op.create_table(
        "user_groups_values",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "field", "value", "at", "seq", name=op.f("pk_user_groups_values")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("user_groups_values", schema=None) as batch_op:
        batch_op.create_index("ix_user_groups_values_seq", ["tenant_id", "seq"], unique=False)
