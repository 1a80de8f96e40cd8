"""Fixtures for the Graph API tests."""

from __future__ import annotations

import pytest

from tests.api.graph.standin import Api, Casb, casb


@pytest.fixture
def installation() -> Casb:
    """An installation for this test only."""
    return casb()


@pytest.fixture
def api(installation: Casb) -> Api:
    """A client of ``installation``."""
    return Api(installation)


@pytest.fixture(scope="session")
def shared_api() -> Api:
    """A client of an installation that tests only read from."""
    return Api(casb())
