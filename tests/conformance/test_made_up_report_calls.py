"""Report feed calls that schemathesis generates from the contract get the responses it describes."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given, settings
from openapi_schema_validator import OAS31Validator
from requests import Request
from schemathesis import Case

from tests.api.reporting.test_contract import CONTRACT, DOCUMENT, schema_of
from tests.conformance.test_made_up_calls import FEW, AnyOperation, operations
from tests.reporting.conftest import filled
from tests.reporting.house import House

pytestmark = pytest.mark.slow

__all__ = ["filled"]
BASE: Final = "https://reports.example"


OPERATIONS: Final = list(operations(CONTRACT))
MANY: Final = settings(FEW, max_examples=8)


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_a_made_up_call_is_answered(filled: House, operation: AnyOperation) -> None:
    """With a status from the contract, and a JSON body that it describes."""

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
