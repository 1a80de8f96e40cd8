"""Link the activities of alerts to the policies of these alerts.

So far they were linked to the alert only, so that the filter ``policy`` found nothing. An activity about an alert
itself, such as its closing, has the same link and is left out: it matched no policy.
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BACK_FILL = """
INSERT INTO activities_values (tenant_id, field, value, at, seq)
SELECT DISTINCT mark.tenant_id, 'policies', policy.value, mark.at, mark.seq
FROM alerts AS alert
JOIN alerts_values AS policy
    ON policy.tenant_id = alert.tenant_id AND policy.seq = alert.seq AND policy.field = 'policies'
JOIN activities_values AS mark
    ON mark.tenant_id = alert.tenant_id AND mark.field = 'alerts' AND mark.value = alert.record_id
JOIN activities AS activity
    ON activity.tenant_id = mark.tenant_id AND activity.seq = mark.seq AND activity.timestamp = mark.at
WHERE lower(activity.document) NOT LIKE '%"alertmongoid":"' || alert.record_id || '"%'
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Create the links from those of the alerts, which are indexed."""
    op.execute(BACK_FILL)
