"""A call as seen by handlers."""

from __future__ import annotations

import pytest

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.parameters import Parameters
from opencasb.model.principal import Principal

PRINCIPAL = Principal(tenant_id=88812345, name="x", permissions=frozenset())


@pytest.mark.parametrize("text", ["x", "", "-1", "٣", "12345678901", "1.5", "1\0"])
def test_what_is_no_number_is_no_app(text: str) -> None:
    """An app id that is not a number is unknown, not an error."""
    call = Call(PRINCIPAL, "GET", {"app_id": text}, Parameters({}), "https://x.example")
    with pytest.raises(NotFound):
        assert call.app_id


def test_a_call_knows_its_tenant_and_app() -> None:
    """The tenant is the caller's, never a parameter."""
    call = Call(PRINCIPAL, "GET", {"app_id": "0011627"}, Parameters({"tenant_id": 1}), "https://x.example")
    assert (call.tenant_id, call.app_id) == (88812345, 11627)
