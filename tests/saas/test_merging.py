"""Merging of streams (saas §3)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.saas import AppRow
from opencasb.saas.merging import merged

COUNT = st.integers(0, 2**40)
MAYBE = st.none() | COUNT
ROW = st.builds(
    AppRow,
    app_id=st.sampled_from(["1", "2", "3"]),
    display_name=st.sampled_from(["A", "B"]),
    category=st.sampled_from(["unknown", "crm"]),
    domains=st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
    tags=st.lists(st.sampled_from(["s", "t"]), unique=True),
    risk_score=st.none() | st.integers(0, 10),
    first_seen=MAYBE,
    last_seen=MAYBE,
    user_count=COUNT,
    ip_address_count=COUNT,
    device_count=MAYBE,
    transaction_count=COUNT,
    upload_bytes=COUNT,
    download_bytes=COUNT,
)
STREAMS = st.lists(st.lists(ROW, unique_by=lambda row: row.app_id), max_size=4)


def test_people_are_not_added_and_traffic_is() -> None:
    """The rows of an app in an endpoint, a firewall and a snapshot stream."""
    endpoint = AppRow(
        app_id="1",
        display_name="Box",
        user_count=5,
        ip_address_count=2,
        device_count=4,
        transaction_count=10,
        upload_bytes=100,
        first_seen=20,
        last_seen=30,
        domains=["box.com"],
        tags=["Sanctioned"],
    )
    firewall = AppRow(
        app_id="1",
        display_name="Box, Inc.",
        category="cloudStorage",
        user_count=3,
        ip_address_count=9,
        transaction_count=1,
        upload_bytes=11,
        download_bytes=7,
        first_seen=10,
        last_seen=25,
        risk_score=8,
        domains=["box.com", "box.net"],
    )
    snapshot = AppRow(app_id="2", display_name="Other")
    (box, streams), other = merged([[endpoint], [firewall], [snapshot]])
    assert streams == 2
    assert box == AppRow(
        app_id="1",
        display_name="Box",
        category="cloudStorage",
        domains=["box.com", "box.net"],
        tags=["Sanctioned"],
        risk_score=8,
        first_seen=10,
        last_seen=30,
        user_count=5,
        ip_address_count=9,
        device_count=4,
        transaction_count=11,
        upload_bytes=111,
        download_bytes=7,
    )
    assert other == (snapshot, 1)


def test_a_stream_of_all_streams_is_not_added() -> None:
    """Its traffic counts if it exceeds the sum of the others; its user count may be the maximum."""
    edge, branch = (AppRow(app_id="1", display_name="Box", user_count=5, upload_bytes=100) for _ in "ab")
    whole = AppRow(app_id="1", display_name="Box", user_count=9, upload_bytes=200, transaction_count=1)
    alone = AppRow(app_id="2", display_name="Other", upload_bytes=7)
    (box, streams), other = merged([[edge], [whole, alone], [branch]], {1})
    assert (box.user_count, box.upload_bytes, box.transaction_count, streams) == (9, 200, 1, 3)
    assert other == (alone, 1)


@given(STREAMS)
def test_every_app_once_with_the_numbers_of_all_its_rows(streams: list[list[AppRow]]) -> None:
    """Counters are added; other values are the minimum or maximum of the known ones."""
    found = {row.app_id: (row, count) for row, count in merged(streams)}
    rows = [row for stream in streams for row in stream]
    assert set(found) == {row.app_id for row in rows}
    for app_id, (one, count) in found.items():
        mine = [row for row in rows if row.app_id == app_id]
        assert count == len(mine)
        for name in ("transaction_count", "upload_bytes", "download_bytes"):
            assert getattr(one, name) == sum(getattr(row, name) for row in mine)
        for name in ("user_count", "ip_address_count", "device_count", "last_seen"):
            known = [value for row in mine if (value := getattr(row, name)) is not None]
            assert getattr(one, name) == max(known, default=None)
        assert one.first_seen == min((row.first_seen for row in mine if row.first_seen is not None), default=None)
        assert set(one.domains) == {domain for row in mine for domain in row.domains}
        scores = {row.risk_score for row in mine}
        assert one.risk_score in (scores - {None} or {None})


@given(STREAMS)
def test_one_stream_merges_to_itself(streams: list[list[AppRow]]) -> None:
    for stream in streams:
        assert [row for row, _ in merged([stream])] == stream
