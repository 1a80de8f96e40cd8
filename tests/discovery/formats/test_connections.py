"""Determining the client of a connection."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.discovery.formats.connections import CONNECTION, OPENED_BY_FIRST, Connections, client_is_first


def first_is_client(first: str, second: str, *, opened: bool | None = None, always: bool = False) -> bool:
    """Decide for endpoints written as ``interface:address/port[user]``."""
    columns: dict[str, object] = {OPENED_BY_FIRST: opened}
    for name, endpoint in (("first", first), ("second", second)):
        place, _, user = endpoint.partition("[")
        interface, _, rest = place.partition(":")
        address, _, port = rest.rpartition("/")
        columns |= {f"{name}_interface": interface, f"{name}_address": address, f"{name}_port": int(port)}
        columns[f"{name}_user"] = user.rstrip("]") or None
    schema = {"first_user": pl.String, "second_user": pl.String, OPENED_BY_FIRST: pl.Boolean}
    frame = pl.DataFrame([columns], schema_overrides=schema)
    return bool(frame.select(client_is_first(first_endpoint_opens=pl.lit(always))).item())


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("outside:203.0.113.9/40000[LOCAL\\ann]", "inside:10.0.0.5/50000", True),  # the one with a user
        ("outside:203.0.113.9/40000", "inside:10.0.0.5/443[LOCAL\\ann]", False),
        ("dmz:198.51.100.1/443", "inside:10.0.0.5/1500", False),  # a well-known port is the server's
        ("dmz:198.51.100.1/9999", "inside:10.0.0.5/3389", True),  # so is a listed one
        ("dmz:198.51.100.1/80", "inside:10.0.0.5/443", False),  # the lower of two
        ("dmz:198.51.100.1/8443", "inside:10.0.0.5/443", True),
        ("dmz:198.51.100.1/40004", "inside:10.0.0.5/51000", False),  # the lower, the other is ephemeral
        ("dmz:198.51.100.1/51000", "inside:10.0.0.5/40004", True),
        ("outside:203.0.113.9/20000", "inside:10.0.0.5/10000", False),  # the outer one, the other is private
        ("inside:10.0.0.5/10000", "WAN-2:203.0.113.9/20000", True),
        ("wlan:10.0.0.5/10000", "swan:10.0.0.9/20000", False),  # undecided: the lower port
        ("dmz:198.51.100.1/5000", "inside:10.0.0.5/5000", True),  # equal ports: the first one
        ("outside:2001:db8::1/443", "inside:fd00::5/50000", False),
    ],
)
def test_the_first_rule_that_decides(first: str, second: str, expected: bool) -> None:
    assert first_is_client(first, second) is expected


def test_the_start_of_the_connection_wins_over_every_rule() -> None:
    assert first_is_client("outside:203.0.113.9/443", "inside:10.0.0.5/50000[ann]", opened=True)
    assert not first_is_client("inside:10.0.0.5/50000[ann]", "outside:203.0.113.9/443", opened=False)


def test_a_device_that_names_the_client_first_is_believed_after_users_and_services() -> None:
    assert first_is_client("inside:10.0.0.5/40004", "outside:203.0.113.9/51000", always=True)
    assert not first_is_client("inside:10.0.0.5/443", "outside:203.0.113.9/51000", always=True)


def starts(*numbers: int) -> pl.DataFrame:
    return pl.DataFrame(
        {CONNECTION: numbers, OPENED_BY_FIRST: [True] * len(numbers)},
        schema={CONNECTION: pl.UInt64, OPENED_BY_FIRST: pl.Boolean},
    )


def ends(connections: Connections, *numbers: int) -> list[bool | None]:
    ended = pl.DataFrame({CONNECTION: numbers}, schema={CONNECTION: pl.UInt64})
    return connections.closed(ended)[OPENED_BY_FIRST].to_list()


def test_a_direction_is_known_once_from_start_to_end() -> None:
    connections = Connections()
    assert ends(connections, 1) == [None]
    connections.opened(starts(1, 2))
    connections.opened(starts(2, 3))
    assert ends(connections, 2, 9) == [True, None]
    assert ends(connections, 2, 1, 3) == [None, True, True]


def test_open_connections_are_bounded() -> None:
    connections = Connections(limit=2)
    connections.opened(starts(1, 2, 3))
    assert ends(connections, 1, 2, 3) == [None, True, True]
