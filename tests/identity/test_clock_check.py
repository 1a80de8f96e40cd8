"""Comparing the clock with time servers, here a local one."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from structlog.testing import capture_logs

from opencasb.identity.clock_check import compare

_FROM_1900 = 2_208_988_800


@contextmanager
def time_server(ahead: float | None) -> Iterator[int]:
    """Run a server whose clock is some seconds ahead, or that returns garbage; yields its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)

        def answer() -> None:
            asked, client = listening.recvfrom(512)
            if ahead is None:
                listening.sendto(b"no", client)
                return
            seconds, part = divmod(time.time() + ahead + _FROM_1900, 1)
            now = struct.pack("!II", int(seconds), int(part * 2**32))
            listening.sendto(b"\x24\x01\x00\x00" + bytes(12) + now + asked[40:48] + now + now, client)

        thread = Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(("ahead", "told"), [(0.0, []), (30.0, []), (300.0, ["error"]), (-86_400.0, ["error"])])
def test_a_clock_that_is_far_off_is_told(ahead: float, told: list[str]) -> None:
    """In either direction; deviations within the tokens' tolerance are ignored."""
    with time_server(ahead) as port, capture_logs() as logs:
        offset = compare(["127.0.0.1"], port)
    assert offset == pytest.approx(ahead, abs=5)
    assert [entry["log_level"] for entry in logs] == told


def test_silence_stops_nothing() -> None:
    """Garbage and closed ports give warnings without a result."""
    with time_server(None) as port, capture_logs() as logs:
        assert compare(["127.0.0.1"], port) is None
    assert [entry["log_level"] for entry in logs] == ["warning", "warning"]
    with capture_logs() as logs:
        assert compare(["no.such.host.invalid"]) is None
    assert "no.such.host.invalid" in str(logs)
