"""The task against the stand-in of the vendor."""

from __future__ import annotations

from tests.saas.conftest import House
from tests.saas.standin import app, endpoint


def test_everything_of_every_stream_is_read_and_merged(house: House) -> None:
    """Three streams of several pages: each row once, merged by the rules, and a second run changes nothing."""
    house.vendor.streams = {
        "s1": ("Endpoints", [endpoint(n) for n in range(250)]),
        "s2": ("Firewall", [app(n, userCount=1000) for n in range(200, 330)]),
        "s3": ("Snapshot", [app(200)]),
    }
    house.vendor.snapshots = {"s3"}
    house.authorized()
    run = house.run()
    assert (run.outcome, run.message) == ("completed", "")
    assert run.counts["apps"] == 330
