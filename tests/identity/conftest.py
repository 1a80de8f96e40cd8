"""Fixtures of the identity tests: an installation on SQLite and a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn, open_standin


@pytest.fixture
def hand() -> HandClock:
    """Return the clock of ``casb``."""
    return HandClock()


@pytest.fixture
def casb(tmp_path: Path, hand: HandClock) -> Iterator[StandIn]:
    """Open an installation without tenants."""
    with open_standin(tmp_path, hand) as opened:
        yield opened


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Make the first tenant of ``casb``."""
    return casb.tenants.create("Contoso", domain="contoso.example")
