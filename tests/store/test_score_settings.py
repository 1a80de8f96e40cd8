"""Weights of risk factors per tenant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from opencasb.model.factor import Group, Importance
from opencasb.model.score_settings import DEFAULT, ScoreSettings
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.score_settings import ScoreSettingsStore, score_settings

TENANT = 88812345
MFA, SAML, UPLOADS = "is_multi_factor_authentication", "is_supports_saml", "is_user_can_upload_data"


@pytest.fixture
def store(database: Database, clock: Callable[[], int]) -> ScoreSettingsStore:
    """The repository under test."""
    return ScoreSettingsStore(database, clock)


def test_changes_add_up_and_belong_to_a_tenant(store: ScoreSettingsStore) -> None:
    """Omitted values stay; other tenants are unaffected."""
    assert store.get(TENANT) == DEFAULT
    store.change(TENANT, factors={MFA: Importance.VERY_HIGH}, counted={MFA: True})
    after = store.change(TENANT, groups={Group.LEGAL: Importance.IGNORED}, counted={SAML: True})
    assert after == store.get(TENANT)
    assert after == ScoreSettings(
        factors={MFA: Importance.VERY_HIGH},
        groups={Group.LEGAL: Importance.IGNORED},
        counted=frozenset({MFA, SAML}),
    )
    assert store.get(TENANT + 1) == DEFAULT


def test_what_is_as_by_default_is_not_kept(store: ScoreSettingsStore, database: Database) -> None:
    """Restoring a default deletes the row, so that a new default in a later release applies."""
    store.change(TENANT, factors={MFA: Importance.LOW, UPLOADS: Importance.HIGH}, groups={Group.LEGAL: Importance.LOW})
    store.change(
        TENANT, factors={MFA: Importance.MEDIUM, UPLOADS: Importance.IGNORED}, groups={Group.LEGAL: Importance.MEDIUM}
    )
    assert store.get(TENANT) == DEFAULT
    with database.read() as connection:
        assert connection.execute(sa.select(score_settings)).all() == []


def test_every_change_counts_and_is_on_record(store: ScoreSettingsStore, database: Database) -> None:
    """The revision grows with each; the audit log has the author."""
    start = store.revision(TENANT)
    store.change(TENANT, factors={MFA: Importance.LOW}, by="ann")
    store.reset(TENANT, by="ben")
    assert store.revision(TENANT) == start + 2
    assert store.get(TENANT) == DEFAULT
    entries = {(each.action, each.actor): each.details for each in AuditLog(database, lambda: 0).latest(TENANT)}
    assert entries == {("score.weigh", "ann"): {"factors": {MFA: "low"}}, ("score.reset_weights", "ben"): {}}


@pytest.mark.parametrize("key", ["colour", "vendor", "bug_bounty"])
def test_only_what_counts_can_be_weighed(store: ScoreSettingsStore, key: str) -> None:
    """The message names the wrong key and the allowed ones; nothing changes."""
    with pytest.raises(ValueError, match=rf"'{key}' does not count in scores; allowed: .*is_supports_saml"):
        store.change(TENANT, factors={key: Importance.LOW})
    with pytest.raises(ValueError, match=key):
        store.change(TENANT, counted={key: True})
    assert store.revision(TENANT) == 0


def test_rows_of_another_release_are_passed_over(store: ScoreSettingsStore, database: Database) -> None:
    """A factor that no longer exists is not an error."""
    row = {"tenant_id": TENANT, "kind": "factor", "key": "is_gone", "importance": "low", "counted": True}
    with database.write() as connection:
        connection.execute(sa.insert(score_settings).values(row))
    assert store.get(TENANT) == DEFAULT
