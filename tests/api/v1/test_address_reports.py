"""Built-in reports of addresses and sign-ins over HTTP, on both databases (api §15)."""

from __future__ import annotations

from tests.api.v1.conftest import Client
from tests.api.v1.report_records import client, rows

__all__ = ["client"]  # a fixture


def test_addresses_are_counted_with_their_users(client: Client) -> None:
    """The most frequent first; for administrators those of administrative activities alone."""
    found = [("192.0.2.1", 2, 2), ("198.51.100.8", 2, 1), ("192.0.2.2", 1, 1), ("198.51.100.7", 1, 1)]
    assert rows(client, "ip_usage") == found
    assert rows(client, "ip_admin_usage") == [("192.0.2.1", 1, 1)]


def test_who_never_shares_an_address_is_strictly_remote(client: Client) -> None:
    """One address in common is enough to be not, however many others somebody has."""
    assert rows(client, "standalone_users") == [("kim@example.org", 3, 2)]


def test_sign_ins_are_counted_by_user_and_app(client: Client) -> None:
    """With those that failed and their share; what is no sign-in does not count."""
    found = client.get("reports/logins_rate")["data"]
    counted = {
        row["unique_identifier"]: [row["record_data"][name] for name in ("attempts", "successful", "failed")]
        for row in found
    }
    expected = {
        "ana@example.org|10980": [2, 1, 1],
        "kim@example.org|10980": [2, 2, 0],
        "ben@example.org|10980": [1, 1, 0],
    }
    assert counted == expected
    assert list(counted) == list(expected)
    assert found[0]["record_data"]["failedPercent"] == 50.0
    assert found[0]["record_data"]["appName"] == "Okta"
