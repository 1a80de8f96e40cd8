"""Calls generated from the contract get the responses it describes; invalid calls are fuzzed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests import Request
from schemathesis import Case
from schemathesis.core.result import Ok

from tests.api.openapi import Contract
from tests.api.v1.conftest import BASE
from tests.api.v1.contract import CONTRACT
from tests.conformance.conftest import Shop

pytestmark = pytest.mark.slow

AnyOperation = schemathesis.APIOperation[Any, Any, Any, Any]


def operations(contract: Contract) -> Iterator[AnyOperation]:
    """Yield the operations of a contract, all of which must be valid."""
    for found in schemathesis.openapi.from_path(contract.file).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


OPERATIONS: Final = list(operations(CONTRACT))
PARTS: Final = ("params", "json", "data", "files")
FEW: Final = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_a_made_up_call_is_answered(show: Shop, operation: AnyOperation) -> None:
    """With a status and body from the contract, never a server error; ids are those of real records."""
    ids = {name: show.ids[name] for name in (each.name for each in operation.path_parameters) if name in show.ids}

    @FEW
    @given(operation.as_strategy(path_parameters=ids or None))
    def call(case: Case[Any]) -> None:
        given_ = case.as_transport_kwargs(base_url=BASE)
        made = Request(**{name: given_[name] for name in ("method", "url", *PARTS) if name in given_}).prepare()
        kind_of_body = {"Content-Type": made.headers.get("Content-Type") or given_["headers"].get("Content-Type", "")}
        assert made.url is not None
        assert made.method is not None
        path = made.url.removeprefix(BASE)
        answer = show.client.call(made.method, path, content=made.body or b"", headers=kind_of_body)
        assert answer.status_code < 500

    call()
