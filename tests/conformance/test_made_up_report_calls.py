"""Calls of the report feeds that schemathesis makes up from their contract are answered as it says."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import given, settings
from openapi_schema_validator import OAS31Validator
from requests import Request
from schemathesis import Case
from schemathesis.core.result import Ok

from tests.api.reporting.test_contract import DOCUMENT, schema_of
from tests.conformance.test_made_up_calls import FEW, AnyOperation
from tests.reporting.conftest import filled
from tests.reporting.house import House

pytestmark = pytest.mark.slow

__all__ = ["filled"]
BASE: Final = "https://reports.example"


def operations() -> Iterator[AnyOperation]:
    """Yield the operations of the contract."""
    file = str(files("opencasb.api").joinpath("openapi/reports.yaml"))
    for found in schemathesis.openapi.from_path(file).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


OPERATIONS: Final = list(operations())
MANY: Final = settings(FEW, max_examples=8)


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_a_made_up_call_is_answered(filled: House, operation: AnyOperation) -> None:
    """With a status of the contract, and a JSON body that it describes."""

    @MANY
    @given(operation.as_strategy())
    def call(case: Case[Any]) -> None:
        given_ = case.as_transport_kwargs(base_url=BASE)
        made = Request("GET", given_["url"], params=given_.get("params")).prepare()
        assert made.url is not None
        answer = filled.get(made.url.removeprefix(BASE))
        described = DOCUMENT["paths"][operation.path]["get"]
        assert str(answer.status_code) in described["responses"], answer.text
        if answer.headers["content-type"].startswith("application/json"):
            OAS31Validator(schema_of(described, answer.status_code)).validate(answer.json())

    call()
