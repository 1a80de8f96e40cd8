"""Permissions: which are offered, and how they may be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.model.permissions import GRAPH, MDCA, Permission, parse_permission


def test_the_documented_scopes_are_all_offered(shared: Path) -> None:
    """Every scope of the shared enumeration can be granted, in any case."""
    documented = json.loads((shared / "reference/enums.json").read_text())["permissionScopes"]
    assert {parse_permission(name).name for name in documented} == set(MDCA.permissions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Discovery.Read", Permission("mdca", "discovery.read")),
        (f"{MDCA.app_id.upper()}/Investigation.read", Permission("mdca", "investigation.read")),
        ("cloudapp-discovery.read.all", Permission("graph", "CloudApp-Discovery.Read.All")),
        ("https://graph.microsoft.com/User.Read", Permission("graph", "User.Read")),
        (f"{GRAPH.app_id}/Sites.Read.All", Permission("graph", "Sites.Read.All")),
    ],
)
def test_a_permission_is_understood_in_the_ways_scopes_are_written(text: str, expected: Permission) -> None:
    """Case does not matter, the resource is optional, and unknown Graph permissions are accepted."""
    assert parse_permission(text) == expected


@pytest.mark.parametrize("text", ["discovery.reed", "User.Read", "", f"{MDCA.app_id}/x.y", "https://x/discovery.read"])
def test_an_unknown_permission_is_refused_with_the_list(text: str) -> None:
    """An unknown permission is rejected, and the error lists the known ones."""
    with pytest.raises(ValueError, match=r"discovery\.manage.*CloudApp-Discovery\.Read\.All"):
        parse_permission(text)
