"""The demo's incidents."""

from __future__ import annotations

from opencasb.activities import demo
from opencasb.activities.alert_columns import record
from opencasb.activities.demo_incidents import alerts, policies
from tests.conftest import NOW

USERS = [f"user{number}@lindgren-logistics.example" for number in range(6)]


def test_alerts_are_alerts() -> None:
    """Each incident has an alert about its user, with its own id."""
    raised = [alert for alert, _ in alerts(NOW, USERS)]
    records = [record(alert) for alert in raised]
    assert len({each.record_id for each in records}) == 4
    assert [int(each.record_id[:8], 16) for each in records] == [each.columns["timestamp"] // 1000 for each in records]
    assert [list(each.values["users"]) for each in records] == [[user] for user in USERS[:4]]


def test_an_alert_names_its_policy() -> None:
    """Clients use the rule's label as the name of the policy behind an alert."""
    made = {each["_id"]: each for each in policies(NOW)}
    assert len(made) == 4
    rules = [each for alert, _ in alerts(NOW, USERS) for each in alert["entities"] if each["type"] == "policyRule"]
    assert {rule["id"] for rule in rules} == made.keys()
    for rule in rules:
        policy = made[rule["id"]]
        assert (rule["label"], rule["policyType"]) == (policy["name"], policy["policyType"])


def test_few_users_have_few_incidents() -> None:
    """A company with one user has one alert."""
    assert len(list(alerts(NOW, USERS[:1]))) == 1


def test_the_match_of_a_file_policy_names_the_file() -> None:
    """A script looks up the file of such an alert (api §8.4)."""
    shared = [each for each in demo.activities(1, NOW, USERS) if each.get("sharing") == "public"]
    matched = [alert for alert, _ in alerts(NOW, USERS) if alert["idValue"] == 15728642]
    files = [(each["id"], each["label"]) for alert in matched for each in alert["entities"] if each["type"] == "file"]
    assert files == [(shared[0]["objects"][0]["id"], shared[0]["objects"][0]["name"])]
