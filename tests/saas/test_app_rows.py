"""Conversion of records to rows, including missing and invalid values (saas §2)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.saas import AppRow
from opencasb.saas.app_rows import LARGEST, Reader
from tests.saas.standin import app, endpoint

DAY = 1_772_582_400_000
"""2026-03-04."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=5,
)
NAMES = [*endpoint(1), "firstSeenDateTime", "uploadNetworkTraficInBytes"]


def read(record: object) -> tuple[AppRow, int]:
    """Return the row of a valid record, and the number of its invalid values."""
    reader = Reader()
    row = reader.app(record)
    assert row is not None
    return row, reader.odd


def test_the_thirteen_fields() -> None:
    """Each is read from its property; without devices the count is None, not 0."""
    row, odd = read(endpoint(7, tags=["Sanctioned", "crm"], firstSeenDateTime="2026-03-03T00:00:00Z"))
    assert msgspec.structs.asdict(row) == {
        "app_id": "10007",
        "display_name": "App 7",
        "category": "cloudStorage",
        "domains": ["app7.example"],
        "tags": ["Sanctioned", "crm"],
        "risk_score": 7,
        "last_seen": DAY,
        "first_seen": DAY - 86_400_000,
        "user_count": 8,
        "ip_address_count": 9,
        "device_count": 7,
        "transaction_count": 70,
        "upload_bytes": 7000,
        "download_bytes": 700,
    }
    assert odd == 0
    assert read(app(7))[0].device_count is None


def test_what_is_missing_is_nothing_odd() -> None:
    """Only the id is required; the name falls back to the first domain, then to the id; null means absent."""
    row, odd = read({"id": "5"})
    assert row == AppRow(app_id="5", display_name="5")
    assert (row.category, odd) == ("unknown", 0)
    assert read(dict.fromkeys(app(1)) | {"id": "5"}) == (row, 0)
    assert read({"id": "5", "displayName": " ", "domains": ["", "a.example"]})[0].display_name == "a.example"


@pytest.mark.parametrize(
    ("name", "given", "field", "kept"),
    [
        ("userCount", "12", "user_count", 12),
        ("userCount", 4.0, "user_count", 4),
        ("userCount", 2**70, "user_count", LARGEST),
        ("lastSeenDateTime", "2026-03-04", "last_seen", DAY),
        ("lastSeenDateTime", "2026-03-04T01:00:00.5000000+01:00", "last_seen", DAY + 500),
        ("firstSeenDateTime", "0001-01-01T00:00:00Z", "first_seen", None),
        ("lastSeenDateTime", "1601-01-01T00:00:00Z", "last_seen", None),
        ("lastSeenDateTime", "1970-01-01T00:00:00Z", "last_seen", None),
        ("category", "somethingOfNextYear", "category", "somethingOfNextYear"),
        ("id", 12, "app_id", "12"),
        ("uploadNetworkTraficInBytes", 9, "upload_bytes", 1000),
        ("displayName", "Nul\0\ud800 and\tmore", "display_name", "Nul andmore"),
        ("domains", ["a.example", "a.example", "b.example"], "domains", ["a.example", "b.example"]),
    ],
)
def test_what_can_be_read_is(name: str, given: object, field: str, kept: object) -> None:
    """Numbers as strings, other time formats, unknown enum members."""
    row, odd = read(app(1, **{name: given}))
    assert (getattr(row, field), odd) == (kept, 0)


@pytest.mark.parametrize(
    ("name", "given", "field", "kept"),
    [
        ("userCount", -1, "user_count", 0),
        ("userCount", True, "user_count", 0),
        ("userCount", "many", "user_count", 0),
        ("deviceCount", 1.5, "device_count", None),
        ("riskScore", 11, "risk_score", None),
        ("riskScore", "high", "risk_score", None),
        ("lastSeenDateTime", "yesterday", "last_seen", None),
        ("lastSeenDateTime", "9999-12-31T23:59:59-05:00", "last_seen", None),
        ("lastSeenDateTime", "0001-01-01T00:00:00+05:00", "last_seen", None),
        ("tags", "Sanctioned", "tags", []),
        ("domains", [1, "a.example"], "domains", ["a.example"]),
        ("category", 3, "category", "unknown"),
    ],
)
def test_what_cannot_be_read_is_counted(name: str, given: object, field: str, kept: object) -> None:
    """It is then treated as missing."""
    row, odd = read(app(1, **{name: given}))
    assert (getattr(row, field), odd) == (kept, 1)


@pytest.mark.parametrize("record", [None, 3, [], {}, {"id": ""}, {"id": True}, {"id": "a\0"}, {"id": "x" * 129}])
def test_without_an_id_there_is_no_row(record: object) -> None:
    assert Reader().app(record) is None


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_record_is_read_or_not(record: dict[str, Any]) -> None:
    """There is never an exception, and what is read fits the columns."""
    row = Reader().app(record)
    if row is not None:
        assert row.display_name
        numbers = [value for value in msgspec.structs.asdict(row).values() if isinstance(value, int)]
        assert all(-(2**63) <= number < 2**63 for number in numbers)
        msgspec.json.encode(row)
