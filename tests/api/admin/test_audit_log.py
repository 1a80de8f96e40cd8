"""The audit log, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.admin.conftest import House


def test_pages_are_the_whole_log_once(house: House) -> None:
    """Newest first, even if all entries have the same millisecond; the last page is marked."""
    for number in range(5):
        house.casb.identity.audit_log.add(house.contoso.tenant_id, "a.b", by="x", target=str(number))
    whole = house.ok("GET", "audit-log?limit=1000")
    assert whole["next"] is None
    pages: list[dict[str, Any]] = []
    place: str | None = ""
    while place is not None:
        page = house.ok("GET", f"audit-log?limit=3&before={place}")
        pages += page["entries"]
        place = page["next"]
    assert pages == whole["entries"]
    assert {"0", "1", "2", "3", "4"} <= {each["target"] for each in pages}


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "before=nothing", "before=%00"])
def test_wrong_values_are_named(house: House, query: str) -> None:
    """With what is allowed."""
    assert house.refusal(400, "GET", f"audit-log?{query}").startswith(f"{query.partition('=')[0]}: ")
