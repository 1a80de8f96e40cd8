"""One real server for all the clients of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from opencasb.settings import CONFIG_NAME
from tests.clients.live import RECORDING, Live, furnish
from tests.server import Server, prepare, running


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running server that keeps record, and what OAuth clients need of it."""
    house = prepare(tmp_path_factory.mktemp("clients") / "data")
    (house.data / CONFIG_NAME).write_text("host_alias = true\n")  # more names, and nothing else changes
    furnished = furnish(house.data)
    with running(house, RECORDING) as started:
        yield Live(started, *furnished)


@pytest.fixture(scope="session")
def server(live: Live) -> Server:
    """A running server."""
    return live.server


@pytest.fixture(autouse=True)
def clean(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what the environment says about CAs and authorities, and forget earlier requests."""
    for name in os.environ:
        if name.endswith("_CA_BUNDLE") or name.startswith(("SSL_CERT", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    live.forget()
