"""The guide to identity is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opencasb.cli import app, keys, sign_in, tenant, token, trust, user
from opencasb.identity.errors import CODES
from opencasb.model.permissions import RESOURCES
from opencasb.model.roles import Role

PAGES = ("identity", "oauth", "federation")
GUIDE = "".join((Path(__file__).parents[2] / "docs" / f"{page}.md").read_text() for page in PAGES)
PROTECTION = (Path(__file__).parents[2] / "docs" / "decisions" / "0013-what-protects-sign-in.md").read_text()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_described(role: Role) -> None:
    """It is in the table of roles."""
    assert role.value in GUIDE


def test_every_permission_is_named() -> None:
    """In the table of permissions."""
    for resource in RESOURCES.values():
        assert resource.app_id in GUIDE
        assert all(f"`{name}`" in GUIDE for name in resource.permissions)


@pytest.mark.parametrize("code", list(CODES))
def test_every_refusal_is_explained(code: int) -> None:
    """With its number, error and status."""
    error, status = CODES[code]
    assert f"| {code} | `{error}`, {status} |" in GUIDE


def test_every_command_is_mentioned() -> None:
    """Each command of these groups is mentioned, or the group's list."""
    for module in (app, keys, sign_in, tenant, token, trust, user):
        group = module.command
        words = {name for name in group.commands if name != "list"}
        assert all(name in GUIDE for name in words), f"{group.name}: {words}"


def test_what_protects_sign_in_is_tested() -> None:
    """Every test named in the note exists."""
    named = re.findall(r"`(test_\w+)::(test_\w+)`", PROTECTION)
    assert len(named) > 40
    tests = Path(__file__).parents[1]
    for file, function in named:
        found = [path.read_text() for depth in ("*", "*/*") for path in tests.glob(f"{depth}/{file}.py")]
        assert any(f"def {function}(" in text for text in found), (file, function)
