"""Built-in reports on addresses and sign-ins over HTTP, on both engines (api §15)."""

from __future__ import annotations

from tests.api.v1.conftest import Client
from tests.api.v1.report_records import client, rows

__all__ = ["client"]  # a fixture


def test_addresses_are_counted_with_their_users(client: Client) -> None:
    """Most frequent first; for administrators only administrative activities count."""
    found = [("192.0.2.1", 2, 2), ("198.51.100.8", 2, 1), ("192.0.2.2", 1, 1), ("198.51.100.7", 1, 1)]
    assert rows(client, "ip_usage") == found
    assert rows(client, "ip_admin_usage") == [("192.0.2.1", 1, 1)]


def test_who_never_shares_an_address_is_strictly_remote(client: Client) -> None:
    """A single shared address excludes a user, whatever their other addresses."""
    assert rows(client, "standalone_users") == [("kim@example.org", 3, 2)]


def test_sign_ins_are_counted_by_user_and_app(client: Client) -> None:
    """With failed ones and their share; other activities do not count."""
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
