"""Policies: list and single policy (api §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1 import record_list
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import POLICIES

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"lastmodified": "modified", "date": "modified"}, default="lastModified")


def list_policies(casb: Casb, call: Call) -> Reply:
    """Return a page of policies, by default the most recently changed first."""
    return record_list.answer(casb, call, casb.policies, POLICIES, SORTING)


def one_policy(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one policy of the type in the path; the PowerShell module of 2018 omits the type."""
    found = record_list.one(casb, call, casb.policies, call.path["policy_id"].lower())
    if found is None or found["policyType"] != call.path.get("policy_type", found["policyType"]).upper():
        raise NotFound
    return found


ROUTES: Final = (
    Route("policies", "policies.view", {"GET": list_policies, "POST": list_policies}),
    Route("policies/<policy_id>", "policies.view", {"GET": one_policy, "POST": one_policy}),
    Route("policies/<policy_type>/<policy_id>", "policies.view", {"GET": one_policy, "POST": one_policy}),
)
