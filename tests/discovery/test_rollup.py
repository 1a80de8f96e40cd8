"""The roll-up agrees exactly with the lines."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.rollup import RolledUp, RollUp, Rules
from opencasb.lake.names import name_id
from opencasb.model.transaction import COLUMNS, INTEGER_COLUMNS, LINE
from tests.discovery.stub_catalog import stub_catalog

NOON = 1_763_640_000_000
DAY = date(2025, 11, 20)
SCHEMA = {name: pl.Int64 if name in {*INTEGER_COLUMNS, LINE} else pl.String for name in COLUMNS}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return a parsed frame; rows have only the differences from an allowed transaction."""
    base = {"timestamp": NOON, "source_ip": "10.0.0.1", "action": "allow", "transactions": 1}
    return pl.DataFrame([{**dict.fromkeys(COLUMNS), **base, **row} for row in rows], schema=SCHEMA)


def roll_up(*frames: pl.DataFrame, **rules: Any) -> RolledUp:
    """Roll ``frames`` up with the stub catalog."""
    rolling = RollUp(stub_catalog(), Rules(received_at=NOON, **rules))
    for one in frames:
        rolling.add(one)
    return rolling.result()


def test_equal_keys_add_up_over_batches() -> None:
    """Two batches with the same user, address and app on the same day give one row."""
    first = {"user": "ana", "destination_host": "www.dropbox.com", "uploaded_bytes": 5, "total_bytes": 7}
    second = {**first, "destination_host": "api.dropbox.com", "action": "block", "timestamp": NOON + 1000}
    done = roll_up(frame(first), frame(second))
    (row,) = done.usage.to_dicts()
    assert row == {
        "day": DAY,
        "app_id": 11627,
        "user_id": name_id("user", "ana"),
        "ip_id": name_id("ip", "10.0.0.1"),
        "device_id": None,
        "instance_id": None,
        "transactions": 2,
        "blocked_transactions": 1,
        "uploaded_bytes": 10,
        "downloaded_bytes": 0,
        "total_bytes": 14,
        "first_seen": NOON,
        "last_seen": NOON + 1000,
    }
    assert done.known == {"user", "source_ip", "uploaded_bytes", "total_bytes"}


def test_equal_keys_add_up_in_one_batch() -> None:
    """They do even in a small batch."""
    done = roll_up(frame(*({"user": "ana", "destination_host": "www.dropbox.com"} for _ in range(3))))
    assert done.usage["transactions"].to_list() == [3]


def test_hosts_outside_the_catalog_become_domains() -> None:
    """Unknown hosts in one registrable domain are one unlisted app, never dropped."""
    hosts = ("a.unknown.example", "b.unknown.example", "other.test")
    done = roll_up(*(frame({"destination_host": host}) for host in hosts))
    assert done.domains == ["unknown.example", "other.test"]
    assert sorted(done.usage["app_id"].to_list()) == [-2, -1]
    assert done.usage["transactions"].sum() == 3


def test_tenant_sub_hosts_are_instances() -> None:
    """A tenant's sub-host is recorded as the instance of its app."""
    done = roll_up(frame({"destination_host": "contoso.sharepoint.com"}))
    assert done.usage["instance_id"].to_list() == [name_id("instance", "contoso.sharepoint.com")]
    assert "contoso.sharepoint.com" in done.names["name"].to_list()


def test_what_never_leaves_the_house_is_dropped_and_counted() -> None:
    """Internal hosts, private addresses, multicast and lines with implausible times are counted by rule."""
    rows: list[dict[str, Any]] = [
        {"destination_host": "intranet"},
        {"destination_ip": "192.168.1.9"},
        {"destination_ip": "224.0.0.5"},
        {"destination_ip": "fe80::1"},
        {"destination_host": "dropbox.com", "timestamp": NOON - 100 * 86_400_000},
        {"destination_host": "dropbox.com", "timestamp": NOON + 3 * 86_400_000},
        {},
        {"destination_host": "dropbox.com"},
    ]
    done = roll_up(frame(*rows), oldest=date(2025, 8, 22), newest=date(2025, 11, 21))
    expected = {"internal host": 1, "private destination": 3, "too old": 1, "in the future": 1, "no destination": 1}
    assert done.dropped == Counter(expected)
    assert done.usage["transactions"].to_list() == [1]


def test_lines_that_are_no_transactions_do_not_count() -> None:
    """Ignored and rejected lines add nothing."""
    done = roll_up(frame({"destination_host": "dropbox.com", "ignored": "x"}, {"rejected": "y"}))
    assert done.usage.is_empty()


def test_excluded_entities_leave_no_trace() -> None:
    """Excluded users, devices and networks are neither counted nor named."""
    host = {"destination_host": "dropbox.com"}
    rows: list[dict[str, Any]] = [
        {**host, "user": "Boss@Example.org"},
        {**host, "source_device": "KIOSK-1"},
        {**host, "source_ip": "10.9.1.2"},
        {**host, "source_ip": "2001:db8::1"},
        {**host, "user": "ana"},
    ]
    networks = ("10.9.0.0/16", "2001:db8::/32")
    done = roll_up(
        frame(*rows), users=frozenset({"boss@example.org"}), devices=frozenset({"kiosk-1"}), networks=networks
    )
    assert done.dropped == Counter({"excluded": 4})
    assert set(done.names["name"]) == {"ana", "10.0.0.1"}


def test_hidden_users_appear_by_pseudonym_only() -> None:
    """With a pseudonym function, the name itself appears nowhere."""
    done = roll_up(frame({"user": "ana", "destination_host": "dropbox.com"}), hide={"user": lambda _: "User_x"})
    assert "ana" not in done.names["name"].to_list()
    assert done.usage["user_id"].to_list() == [name_id("user", "User_x")]


def test_a_line_without_time_is_stamped_with_the_time_of_receipt() -> None:
    """The receive time is used (log-formats §1)."""
    done = roll_up(frame({"destination_host": "dropbox.com", "timestamp": None}))
    assert done.usage["first_seen"].to_list() == [NOON]


ROWS = st.fixed_dictionaries(
    {
        "user": st.sampled_from(["ana", "ben", None]),
        "destination_host": st.sampled_from(["dropbox.com", "x.sharepoint.com", "a.b.example", "intranet", None]),
        "uploaded_bytes": st.one_of(st.none(), st.integers(0, 10**12)),
        "transactions": st.integers(1, 9),
        "timestamp": st.integers(NOON - 10**9, NOON),
    }
)


@given(st.lists(ROWS, max_size=30), st.integers(1, 7))
def test_no_transaction_is_lost_however_the_lines_are_batched(rows: list[dict[str, Any]], size: int) -> None:
    """Sums over apps equal those over lines with a public destination, for any batch size; keys are unique."""
    batches = [frame(*rows[start : start + size]) for start in range(0, len(rows), size)]
    done = roll_up(*batches)
    public = [row for row in rows if row["destination_host"] not in {"intranet", None}]
    assert done.usage["transactions"].sum() == sum(row["transactions"] for row in public)
    assert done.usage["uploaded_bytes"].sum() == sum(row["uploaded_bytes"] or 0 for row in public)
    assert sum(done.dropped.values()) == len(rows) - len(public)
    assert not done.usage.select("day", "app_id", "user_id", "ip_id", "device_id", "instance_id").is_duplicated().any()
