"""Permissions requested by and granted to an application, and its assigned users."""

from __future__ import annotations

import pytest

from opencasb.model.application import Application
from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from tests.portal.site import Site


@pytest.fixture
def made(site: Site) -> Application:
    """Register an application that requests a permission no other one has."""
    found = site.casb.identity.applications.create(site.contoso.tenant_id, "tool")
    imported = [RequestedPermission("graph", "delegated", "Calendars.Read")]
    site.casb.identity.registrations.add_requested(found, imported, by="test")
    return found


def test_asking_and_granting_are_two_things(site: Site, made: Application) -> None:
    """The boxes are the requested permissions; consent grants them all; revoking it leaves none."""
    visitor, page, identity = site.visitor(), f"applications/{made.client_id}", site.casb.identity
    wanted = [f"application {MDCA.app_id}/discovery.read", f"delegated {GRAPH.app_id}/User.Read"]
    visitor.done(visitor.send(page, f"{page}/permissions", permissions=wanted))
    assert identity.registrations.requested(made) == [
        RequestedPermission("graph", "delegated", "User.Read"),
        RequestedPermission("mdca", "application", "discovery.read"),
    ]
    assert "Nothing is granted." in visitor.page(page)
    asked = visitor.send(page, f"{page}/consent")
    assert f"{made.name}: User.Read for everybody, discovery.read to itself" in asked.text
    text = visitor.done(visitor.confirm(asked))
    assert "<code>discovery.read</code> to itself" in text
    assert "<code>User.Read</code> for everybody" in text
    asked = visitor.send(page, f"{page}/consent/revoke")
    assert "Nothing is granted." in visitor.done(visitor.confirm(asked))


def test_what_was_asked_for_and_not_granted_is_marked(site: Site, made: Application) -> None:
    """The mark disappears with consent, by an administrator or by a user."""
    visitor, page, identity = site.visitor(), f"applications/{made.client_id}", site.casb.identity
    wanted = [RequestedPermission("mdca", "application", "discovery.read")]
    identity.registrations.add_requested(made, wanted, by="test")
    text = visitor.page(page)
    assert text.count(", not granted") == 2
    assert "Calendars.Read (Microsoft Graph), not granted" in text
    identity.consents.grant(made, wanted, user_id=None, by="test")
    assert visitor.page(page).count(", not granted") == 1
    identity.consents.grant(made, identity.registrations.requested(made), user_id=site.user().user_id, by="test")
    assert ", not granted" not in visitor.page(page)


def test_a_change_of_what_is_granted_is_told_for_a_month(site: Site, made: Application) -> None:
    """The banner has the day, since integrations may need new authorization; requests and user consent do not count."""
    page, identity, banner = f"applications/{made.client_id}", site.casb.identity, 'id="permissions-changed"'
    wanted = [RequestedPermission("mdca", "application", "discovery.read")]
    identity.registrations.add_requested(made, wanted, by="test")
    ann = site.user(Role.SECURITY_READER)
    identity.consents.grant(made, identity.registrations.requested(made), user_id=ann.user_id, by="test")
    assert banner not in site.visitor().page(page)
    for change in (
        lambda: identity.consents.grant(made, wanted, user_id=None, by="test"),
        lambda: identity.consents.revoke(made.tenant_id, made.client_id, by="test"),
    ):
        site.clock.now += 31 * 24 * 3600 * 1000
        assert banner not in site.sign_in(site.user()).page(page)
        change()
        text = site.sign_in(site.user()).page(page)
        assert banner in text
        assert "may have to be authorised again" in text
        site.clock.now += 29 * 24 * 3600 * 1000
        assert banner in site.sign_in(site.user()).page(page)
    known = identity.applications.get(made.tenant_id, made.client_id)
    assert known is not None
    identity.consents.grant(known, [], user_id=None, by="test")
    again = identity.applications.get(made.tenant_id, made.client_id)
    assert again is not None
    assert again.permissions_changed == known.permissions_changed


def test_imported_permissions_stay_ticked(site: Site, made: Application) -> None:
    """Saving the unchanged form changes nothing."""
    visitor, page, registrations = site.visitor(), f"applications/{made.client_id}", site.casb.identity.registrations
    before = registrations.requested(made)
    assert "Calendars.Read" in visitor.page(page)
    visitor.done(visitor.send(page, f"{page}/permissions"))
    assert registrations.requested(made) == before
    for wrong in ("x", "application x/y", f"king {MDCA.app_id}/discovery.read", f"delegated {MDCA.app_id}/nothing"):
        refused = visitor.send(page, f"{page}/permissions", permissions=[wrong])
        assert refused.status_code == 400
        assert 'id="permissions-problem"' in refused.text
    assert registrations.requested(made) == before


def test_what_a_user_granted_can_be_taken_back(site: Site, made: Application) -> None:
    """Other users' consent remains."""
    visitor, page, identity = site.visitor(), f"applications/{made.client_id}", site.casb.identity
    ann, bob = site.user(Role.SECURITY_READER), site.user(Role.GLOBAL_READER)
    wanted = identity.registrations.requested(made)
    for user in (ann, bob):
        identity.consents.grant(made, wanted, user_id=user.user_id, by=user.upn)
    assert f"<code>Calendars.Read</code> for {ann.upn}" in visitor.page(page)
    asked = visitor.send(page, f"{page}/consent/{ann.user_id}/revoke")
    assert f"{made.name}: {ann.upn}" in asked.text
    visitor.done(visitor.confirm(asked))
    assert [each.user_id for each in identity.consents.grants.all(made.tenant_id, made.client_id)] == [bob.user_id]


def test_users_are_assigned_by_name(site: Site, made: Application) -> None:
    """An unknown name remains in the field."""
    visitor, page, identity = site.visitor(), f"applications/{made.client_id}", site.casb.identity
    ann = site.user(Role.SECURITY_READER)
    visitor.done(visitor.send(page, f"{page}/assignments", assigned=ann.upn.upper()))
    assert identity.consents.grants.assigned(made.tenant_id, made.client_id) == {ann.user_id}
    stranger = site.user(Role.SECURITY_READER, site.tenants[1])
    refused = visitor.send(page, f"{page}/assignments", assigned=stranger.upn)
    assert refused.status_code == 400
    assert f'value="{stranger.upn}"' in refused.text
    visitor.done(visitor.send(page, f"{page}/assignments/{ann.user_id}/remove"))
    assert identity.consents.grants.assigned(made.tenant_id, made.client_id) == frozenset()
