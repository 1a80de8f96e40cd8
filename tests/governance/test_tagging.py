"""Rules for tags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.governance.tagging import Tagging, unblockable
from opencasb.model.app import App, CustomApp
from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog
from opencasb.store.tags import TagError, Tags

DROPBOX = App(app_id=11627, name="Dropbox", category="SAASDB_CATEGORY_CLOUD_STORAGE")
PURVIEW = App(app_id=31000, name="Microsoft Purview", category="SAASDB_CATEGORY_SECURITY")


@pytest.fixture
def tags(database: Database, clock: Callable[[], int]) -> Tags:
    """Return the repository of tags."""
    return Tags(database, clock)


@pytest.fixture
def log(database: Database, clock: Callable[[], int]) -> GovernanceLog:
    """Return the log that records changes."""
    return GovernanceLog(database, clock)


def test_tagging_is_noted_in_the_governance_log(tags: Tags, log: GovernanceLog) -> None:
    """Each change is a completed task with app, tag and author; without a change there is none."""
    tagging = Tagging(tags, log)
    assert tagging.add(1, DROPBOX, " Unsanctioned", by="ann")
    assert not tagging.add(1, DROPBOX, "Unsanctioned", by="ann")
    assert tags.by_app(1) == {11627: ("Unsanctioned",)}
    assert tagging.remove(1, DROPBOX, "Unsanctioned", by="ben")
    assert not tagging.remove(1, DROPBOX, "Unsanctioned", by="ben")
    records, total = log.page(1)
    assert total == 2
    noted = {(record["taskName"], record["appId"], record["createdBy"]) for record in records}
    assert noted == {("DiscoveryTagAppTask", 11627, "ann"), ("DiscoveryTagAppTask", 11627, "ben")}
    results = {record["createdBy"]: record["status"]["templateMessage"] for record in records}
    parameters = {"appId": 11627, "appName": "Dropbox", "tagName": "Unsanctioned"}
    assert results == {
        "ann": {"template": "DISCOVERY_APP_TAG_ADDED", "parameters": parameters},
        "ben": {"template": "DISCOVERY_APP_TAG_REMOVED", "parameters": parameters},
    }
    assert all(record["status"]["isSuccess"] for record in records)


def test_what_keeps_the_house_safe_cannot_be_unsanctioned(tags: Tags, log: GovernanceLog) -> None:
    """The vendor's own security services accept any tag but that one; a rejected change is not logged."""
    tagging = Tagging(tags, log)
    for name in ("Unsanctioned", " unSANCTIONED "):
        with pytest.raises(TagError, match=r"app 'Microsoft Purview' is needed .* cannot be Unsanctioned"):
            tagging.add(1, PURVIEW, name, by="ann")
    assert tags.by_app(1) == {}
    assert log.page(1)[1] == 0
    assert tagging.add(1, PURVIEW, "Monitored", by="ann")


def test_the_rules_of_names_reach_the_caller(tags: Tags, log: GovernanceLog) -> None:
    """A custom app cannot lose its automatic tag."""
    app = CustomApp(app_id=500_000_000, name="Wiki", domains=("wiki.example",))
    with pytest.raises(TagError, match="Custom app"):
        Tagging(tags, log).remove(1, app, "Custom app", by="ann")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Microsoft Cloud App Security", True),
        ("Microsoft Cloud App Security (Defender for Cloud Apps)", True),
        ("Microsoft Defender for Identity", True),
        ("Azure Security Center", True),
        ("MICROSOFT  INTUNE", True),
        ("Microsoft Support", True),
        ("AD FS Help", True),
        ("Support", False),
        ("Purview", False),
        ("Microsoft Teams", False),
        ("Microsoft", False),
        ("Microsoft Supportive", False),
        ("Dropbox", False),
        ("", False),
    ],
)
def test_the_services_that_stay(name: str, expected: bool) -> None:
    """A listed name counts only together with the vendor's name."""
    assert unblockable(name) is expected
