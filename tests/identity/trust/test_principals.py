"""Roles of users of a directory."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from opencasb.identity.trust.configuration import Given, configured
from opencasb.identity.trust.foreign_tokens import ForeignClaims
from opencasb.identity.trust.principals import principal_of, role_of
from opencasb.model.roles import TEMPLATE_IDS, Role
from opencasb.model.trusted_issuer import NEEDS_A_USER
from tests.conftest import NOW
from tests.identity.trust.directory import APP, DIRECTORY, GROUP, USER, Directory

GLOBAL, OPERATOR = TEMPLATE_IDS[Role.GLOBAL_ADMINISTRATOR], TEMPLATE_IDS[Role.SECURITY_OPERATOR]
MAPPING = (
    f"oid:{USER}=Compliance administrator",
    "upn:ann@contoso.example=global-reader",
    f"group:{GROUP}=security-reader",
    f"group:{GROUP}=security operator",
)
OTHER = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("mapping", "said", "role"),
    [
        (MAPPING, {}, "Compliance administrator"),
        (MAPPING, {"oid": OTHER}, "Global reader"),
        (MAPPING, {"oid": OTHER, "upn": "bob@contoso.example"}, None),
        (MAPPING, {"oid": OTHER, "idp": "https://sts.windows.net/other/"}, None),
        (MAPPING, {"oid": OTHER, "upn": "x", "groups": [GROUP.upper(), OTHER]}, "Security operator"),
        (MAPPING, {"oid": OTHER, "upn": "x", "hasgroups": True}, None),
        (MAPPING, {"roles": ["Security administrator"]}, "Compliance administrator"),
        (MAPPING, {"wids": [GLOBAL]}, "Global administrator"),
        (MAPPING, {"wids": [OPERATOR]}, "Compliance administrator"),
        ((), {}, None),
        ((), {"roles": ["x", "security-reader", "GlobalReader"]}, "Security reader"),
        ((), {"roles": ["GlobalReader"], "wids": [OPERATOR, "x"]}, "Global reader"),
        ((), {"wids": [TEMPLATE_IDS[Role.SECURITY_READER], OPERATOR.upper()]}, "Security operator"),
    ],
)
def test_the_role_follows_from_mapping_app_roles_and_directory(
    mapping: tuple[str, ...], said: dict[str, Any], role: str | None
) -> None:
    """In this order, except for full-access roles in the directory; a guest's name is not trusted."""
    given = Given(DIRECTORY, audiences=[APP], role_mapping=mapping, directory_roles=True)
    claims = msgspec.convert(Directory().for_user(NOW, **said), ForeignClaims)
    assert role_of(claims, configured(1, given)) == role


def test_roles_of_the_directory_count_only_where_somebody_chose_so() -> None:
    """By default its administrators have no rights here."""
    claims = msgspec.convert(Directory().for_user(NOW, wids=[GLOBAL]), ForeignClaims)
    assert role_of(claims, configured(1, Given(DIRECTORY, audiences=[APP]))) is None


@pytest.mark.parametrize("role", sorted(NEEDS_A_USER))
def test_roles_that_are_limited_to_some_records_cannot_come_from_outside(role: Role) -> None:
    """The records would be unspecified, and no limit would mean all of them."""
    claims = msgspec.convert(Directory().for_user(NOW, roles=[role.value, role.slug]), ForeignClaims)
    assert role_of(claims, configured(1, Given(DIRECTORY, audiences=[APP]))) is None
    with pytest.raises(ValueError, match="limited"):
        configured(1, Given(DIRECTORY, audiences=[APP], role_mapping=[f"oid:{USER}={role.slug}"]))


def test_odd_names_are_made_harmless() -> None:
    """They are written to logs."""
    claims = msgspec.convert(Directory().for_user(NOW, preferred_username="a\nb" * 100), ForeignClaims)
    found = principal_of(claims, configured(1, Given(DIRECTORY, audiences=[APP])), "mdca")
    assert found.name.isprintable()
    assert len(found.name) < 256
