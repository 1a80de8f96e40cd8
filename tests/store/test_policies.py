"""The repository of policies."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import POLICIES
from opencasb.filters.parse import parse
from opencasb.store.database import Database
from opencasb.store.policies import Policies, record
from tests.conftest import NOW


def policy(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a policy; higher numbers changed later."""
    made = {"_id": f"66aa{number:020x}", "name": f"Mass download {number}", "policyType": "AUDIT"}
    return {**made, "lastModified": NOW + number, "enabled": True, **changes}


def test_policies_are_kept_as_they_were_defined(database: Database) -> None:
    """Extra keys are kept; a policy is enabled by default; a new version replaces the old one."""
    policies = Policies(database)
    short = {name: value for name, value in policy(filters={"service": {"eq": 11161}}).items() if name != "enabled"}
    policies.put(1, [record(short), record(policy(2))])
    policies.put(1, [record(policy(2, enabled=False))])
    assert policies.get(1, short["_id"]) == {**short, "enabled": True}
    assert policies.count(1, parse({"enabled": {"eq": False}}, POLICIES, NOW)) == (1, False)
    assert policies.count(1, parse({"type": {"eq": "audit"}, "name": {"contains": "DOWN"}}, POLICIES, NOW)) == (
        2,
        False,
    )
    assert policies.count(2) == (0, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"_id": "x"}, "_id: x is not valid; an id of 24 lower-case hex digits is expected"),
        ({"name": None}, "name: null is not valid; text is expected"),
        ({"policyType": "x"}, "policyType: x is unknown; allowed: ACCESS, ANOMALY_DETECTION"),
        ({"lastModified": "1"}, "lastModified: 1 is not valid; a time in ms is expected"),
        ({"enabled": 1}, "enabled: 1 is not valid; true or false is expected"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    """With field, value and what is allowed."""
    with pytest.raises(ValueError, match=r".") as raised:
        record(policy(**changes))
    assert str(raised.value).startswith(said)
