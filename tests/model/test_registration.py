"""Registered properties of applications."""

from __future__ import annotations

import msgspec

from opencasb.model.application import Application
from opencasb.model.permissions import PERMISSION_IDS, RESOURCES, USER_CONSENT, Permission
from opencasb.model.registration import RequestedPermission


def test_a_requested_permission_names_a_permission() -> None:
    """The kind is left out; requests are ordered by resource, kind and name."""
    asked = RequestedPermission("mdca", "delegated", "discovery.read")
    assert asked.permission == Permission("mdca", "discovery.read")
    assert asked > RequestedPermission("graph", "delegated", "User.Read")


def test_ids_belong_to_offered_permissions_and_to_one_each() -> None:
    """The permissions that users may grant are offered ones, too."""
    assert len(set(PERMISSION_IDS.values())) == len(PERMISSION_IDS)
    for resource, kind, name in PERMISSION_IDS:
        assert name in RESOURCES[resource].offered(kind)
    for permission in USER_CONSENT:
        assert permission.name in RESOURCES[permission.resource].delegated


def test_home_is_where_an_application_is_registered() -> None:
    """In other tenants it is known by consent."""
    home = Application(tenant_id=1, client_id="c", service_principal_id="s", name="n", created=0, home_tenant_id=1)
    assert home.at_home
    assert not msgspec.structs.replace(home, tenant_id=2).at_home
