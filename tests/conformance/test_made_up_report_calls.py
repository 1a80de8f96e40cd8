"""Calls of the report feeds that schemathesis makes up from their contract are answered as it says."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given, settings
from requests import Request
from schemathesis import Case

from tests.api.reporting.contract import CONTRACT
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
    """Never with a failure of ours."""

    @MANY
    @given(operation.as_strategy())
    def call(case: Case[Any]) -> None:
        given_ = case.as_transport_kwargs(base_url=BASE)
        made = Request("GET", given_["url"], params=given_.get("params")).prepare()
        assert made.url is not None
        answer = filled.get(made.url.removeprefix(BASE))
        assert answer.status_code < 500

    call()
