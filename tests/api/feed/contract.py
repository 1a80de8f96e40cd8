"""Validates every response of the change feed against its contract."""

from __future__ import annotations

import json
from typing import Final

from tests.api.openapi import Contract
from tests.wire import Answer

CONTRACT: Final = Contract("feed.yaml")


def check(method: str, path: str, answer: Answer) -> None:
    """Assert that the contract has the response for its path, method and status, line by line."""
    path = path.removesuffix("/")
    if not CONTRACT.has(method, path):
        assert answer.status in {401, 404, 405}, f"{method} {path} is not in the contract"
        CONTRACT.check_value("Detail", answer.json())
        return
    CONTRACT.check(method, path, answer)
    if answer.headers["content-type"] == "application/x-ndjson":
        *lines, last = answer.content.splitlines()
        for line in lines:
            CONTRACT.check_value("Usage" if path.endswith("usage") else "Change", json.loads(line))
        CONTRACT.check_value("End", json.loads(last))
