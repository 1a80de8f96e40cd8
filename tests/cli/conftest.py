"""Fixtures for command tests: an installation without a catalog, and a complete one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.model.tenant import Tenant
from tests.cli.applications import Desk
from tests.cli.commands import Shell
from tests.cli.installation import Installation
from tests.identity.standin import StandIn, casb, hand

__all__ = ["casb", "hand"]  # fixtures of the stand-in


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Create the default tenant of ``casb``."""
    return casb.tenants.create("Contoso")


@pytest.fixture
def desk(casb: StandIn) -> Desk:
    """Return a desk with two tenants."""
    return Desk(casb)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Open an installation with a catalog of four apps."""
    made = Installation(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell on a data directory with usage of Dropbox."""
    from tests.discovery.logs import squid

    made = Shell(tmp_path / "data")
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600))
    made.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE", "--name", "edge")
    return made
