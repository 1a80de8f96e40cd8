"""Detection of byte counts and their direction."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from opencasb.discovery.inference.columns import Column
from opencasb.discovery.inference.roles import Roles
from opencasb.discovery.inference.sizes import find_sizes

RNG = Random(3)  # noqa: S311 -- not for secrets
SENT = [int(RNG.lognormvariate(6, 1)) for _ in range(60)]
RECEIVED = [int(RNG.lognormvariate(9, 2)) for _ in range(60)]


def found(columns: dict[str, Sequence[object]], *, named: bool = True) -> dict[str, str]:
    """Return meaning → column."""
    roles = Roles()
    made = [
        Column(name, [str(value) for value in values], name, place, named)
        for place, (name, values) in enumerate(columns.items())
    ]
    find_sizes(roles, made, named=named)
    return {meaning: columns[0].name for meaning, columns in roles.found.items()}


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ("cs-bytes", "sc-bytes"),
        ("sentbyte", "rcvdbyte"),
        ("InitiatorBytes", "ResponderBytes"),
        ("bytes_from_client", "bytes_to_client"),
        ("client_to_server_bytes", "server_to_client_bytes"),
        ("out", "in"),
        ("srcBytes", "dstBytes"),
        ("requestsize", "responsesize"),
        ("Data Sent", "Data Received"),
        ("Outbound Flow(B)", "Inbound Flow(B)"),
    ],
)
def test_names_tell(sent: str, received: str) -> None:
    """The words used by many appliances, but not packets, ports and durations."""
    noise = {"duration": SENT, "sentpkt": SENT, "srcport": SENT}
    columns: dict[str, Sequence[object]] = {**noise, received: RECEIVED, sent: SENT}
    assert found(columns) == {"uploaded_bytes": sent, "downloaded_bytes": received}


def test_numbers_tell_where_names_do_not() -> None:
    """A total is a sum; ports, counters and constants are not sizes; people download more than they upload."""
    total = [sent + received for sent, received in zip(SENT, RECEIVED, strict=True)]
    columns: dict[str, Sequence[object]] = {
        "id": range(900_000, 900_060), "port": [50_000 + n % 7 for n in range(60)], "one": [1] * 60,
        "a": total, "b": RECEIVED, "c": SENT,
    }  # fmt: skip
    assert found(columns, named=False) == {"total_bytes": "a", "uploaded_bytes": "c", "downloaded_bytes": "b"}
    del columns["a"], columns["c"]
    assert found(columns, named=False) == {"total_bytes": "b"}


def test_a_body_is_no_way_of_its_own() -> None:
    """Responses with and without headers are nearly equal; the third size is that of requests."""
    body = [max(size - 280, 0) for size in RECEIVED]
    columns: dict[str, Sequence[object]] = {"request": SENT, "response": RECEIVED, "body": body}
    assert found(columns, named=False) == {"uploaded_bytes": "request", "downloaded_bytes": "response"}


def test_a_sum_may_stand_before_the_client() -> None:
    """Numbers before the client's address are usually something else, unless one is the sum of two others."""
    total = [sent + received for sent, received in zip(SENT, RECEIVED, strict=True)]
    made = [
        Column(name, [str(value) for value in values], name, place, named=False)
        for place, (name, values) in enumerate({"a": RECEIVED, "b": SENT, "c": total}.items())
    ]
    roles = Roles()
    roles.assign("source_ip", Column("ip", ["10.0.0.1"] * 60, "ip", 3, named=False))
    find_sizes(roles, made, named=False)
    assert {meaning: roles.found[meaning][0].name for meaning in roles.found} == {
        "source_ip": "ip", "uploaded_bytes": "b", "downloaded_bytes": "a", "total_bytes": "c",
    }  # fmt: skip
