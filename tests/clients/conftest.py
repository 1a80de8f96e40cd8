"""One real server for all the clients of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import Server, prepare, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    with running(prepare(tmp_path_factory.mktemp("clients") / "data")) as started:
        yield started
