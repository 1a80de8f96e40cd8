"""Audiences accepted by each API."""

from __future__ import annotations

from opencasb.model.permissions import MDCA
from opencasb.model.roles import Role
from opencasb.model.trusted_issuer import RoleMapping, TrustedIssuer

ID = "6731de76-14a6-49ae-97bc-6eba6914391e"


def test_the_vendors_audience_is_one_only_where_it_is_chosen() -> None:
    """Only the REST API accepts it, also as an ``api://`` URI."""
    plain = TrustedIssuer(tenant_id=1, issuer=ID, audiences=(ID,))
    assert plain.accepted("mdca") == {ID, f"api://{ID}"}
    assert plain.accepted("graph") == frozenset()
    chosen = TrustedIssuer(tenant_id=1, issuer=ID, vendor_audience=True)
    assert chosen.accepted("mdca") == {MDCA.app_id, f"api://{MDCA.app_id}"}
    assert chosen.accepted("graph") == frozenset()


def test_a_mapping_is_written_as_commands_take_it() -> None:
    """The role is a single word."""
    assert str(RoleMapping("group", ID, Role.SECURITY_READER)) == f"group:{ID}=security-reader"
