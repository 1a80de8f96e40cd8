"""Certificates and TLS versions."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from opencasb.discovery.probe.certificates import matches, oldest_version, shown_certificate
from opencasb.outbound import OutboundError
from tests.discovery.probe.site import DAY, NOW, Site

HOST = "www.box.example"
LOCAL = "127.0.0.1"


@pytest.mark.parametrize(
    ("names", "options", "trusted", "named"),
    [
        (("www.box.example",), {}, True, True),
        (("*.box.example",), {}, True, True),
        (("box.example",), {}, True, False),
        ((), {}, True, False),
        (("www.box.example",), {"known": False}, False, True),
        (("www.box.example",), {"ends": NOW - DAY}, False, True),
    ],
)
def test_certificates_are_looked_at(
    tmp_path: Path, names: tuple[str, ...], options: dict[str, Any], trusted: bool, named: bool
) -> None:
    """Trust and name are checked separately; the expiry is recorded."""
    with Site(tmp_path).serving(*names, **options) as network:
        shown = asyncio.run(shown_certificate(network, HOST, LOCAL))
    assert (shown.trusted, shown.named) == (trusted, named)
    ends = options.get("ends", NOW + 30 * DAY)
    assert shown.expires == int(ends.replace(microsecond=0).timestamp() * 1000)


@pytest.mark.parametrize(
    ("versions", "oldest"),
    [
        ((ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), "tls1_2"),
        ((ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3), "tls1_3"),
    ],
)
def test_the_oldest_version_counts(
    tmp_path: Path, versions: tuple[ssl.TLSVersion, ssl.TLSVersion], oldest: str
) -> None:
    """It is the one that an attacker would choose."""
    with Site(tmp_path).serving(HOST, versions=versions) as network:
        assert asyncio.run(oldest_version(network, HOST, LOCAL)) == oldest


def test_what_speaks_no_tls_is_not_measured(tmp_path: Path) -> None:
    """A silent port and a closed one give no result."""
    site = Site(tmp_path)
    with socket.create_server((LOCAL, 0)) as silent:
        site.port = silent.getsockname()[1]
        assert asyncio.run(oldest_version(site.network(0.3), HOST, LOCAL)) is None
        with pytest.raises(OutboundError, match="TimeoutError"):
            asyncio.run(shown_certificate(site.network(0.3), HOST, LOCAL))
    with pytest.raises(OutboundError, match="ConnectionRefusedError"):
        asyncio.run(shown_certificate(site.network(), HOST, LOCAL))


@pytest.mark.parametrize(
    ("host", "name", "is_same"),
    [
        ("a.box.example", "A.Box.Example.", True),
        ("a.box.example", "*.box.example", True),
        ("box.example", "*.box.example", False),
        ("b.a.box.example", "*.box.example", False),
        ("box.example", "*.example", False),
        ("example", "*", False),
        ("a.box.example", "a*.box.example", False),
        ("a.box.example", "*.*.example", False),
    ],
)
def test_names_of_certificates(host: str, name: str, is_same: bool) -> None:
    """A wildcard matches one whole label, the first."""
    assert matches(host, name) is is_same
