"""Holds every answer of the administration API against its contract."""

from __future__ import annotations

from typing import Final

from tests.api.openapi import Contract
from tests.wire import Answer

CONTRACT: Final = Contract("admin.yaml")


def check(method: str, path: str, answer: Answer) -> None:
    """Assert that an answer is one that the contract has for its path, method and status."""
    if CONTRACT.has(method, path):
        CONTRACT.check(method, path, answer)
    else:
        assert answer.status in {401, 403, 404, 405}, f"{method} {path} is not in the contract"
        CONTRACT.check_value("Detail", answer.json())
