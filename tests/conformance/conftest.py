"""Fixtures for the conformance tests: an installation whose first tenant has records of every kind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.v1.conftest import ADMIN, Client
from tests.api.v1.installation import Known, make, open_copy
from tests.api.v1.serving import serving
from tests.conformance.stock import Owner, fill


@dataclass
class Shop:
    """A client of the stocked installation, the ids of its first tenant's records, and both tenants."""

    client: Client
    ids: dict[str, str]
    mine: Owner
    other: Owner


@dataclass(frozen=True)
class Made:
    """The installation that tests copy."""

    folder: Path
    known: Known
    ids: dict[str, str]


def _shop(folder: Path, made: Made, **settings: Any) -> Shop:
    client = Client(open_copy(made.folder, folder, **settings), made.known)
    return Shop(client, made.ids, _mine(client), _other(client))


def _mine(client: Client) -> Owner:
    return Owner(client, client.known.tenant_id, client.known.tokens[ADMIN], kin=0)


def _other(client: Client) -> Owner:
    (other,) = (each for each in client.casb.tenants.all() if each.tenant_id != client.known.tenant_id)
    return Owner(client, other.tenant_id, client.known.other_token, kin=1)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An installation with two tenants, of which the first is stocked."""
    root = tmp_path_factory.mktemp("conformance")
    known = make(root / "empty")
    client = Client(open_copy(root / "empty", root / "data"), known)
    ids = fill(_mine(client))
    client.close()
    shutil.rmtree(root / "empty")
    return Made(root / "data", known, ids)


@pytest.fixture
def open_shop(stocked: Made, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Return a function that opens copies of the installation with given settings."""
    shops: list[Shop] = []

    def open_(**settings: Any) -> Shop:
        shops.append(_shop(tmp_path / f"data{len(shops)}", stocked, **settings))
        return shops[-1]

    yield open_
    for shop in shops:
        shop.client.close()


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """A copy of the stocked installation for one test."""
    return open_shop()


@pytest.fixture
def http(shop: Shop) -> Iterator[httpx.Client]:
    """An HTTP client with a script's token, connected to a real server."""
    with (
        serving(shop.client.app) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=shop.mine.headers) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def show(stocked: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A copy shared by a module's tests, for read-only calls."""
    opened = _shop(tmp_path_factory.mktemp("show") / "data", stocked)
    yield opened
    opened.client.close()
