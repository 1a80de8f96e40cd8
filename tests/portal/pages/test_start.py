"""The start page: the organizations open to the user, and switching between them."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from opencasb.model.user import User
from opencasb.portal.page import TENANT_COOKIE
from tests.portal.site import Site, Visitor


@pytest.fixture
def guest(site: Site) -> User:
    """Invite a guest."""
    reader = site.user(Role.SECURITY_READER)
    return site.casb.users.invite(site.tenants[1].tenant_id, reader, Role.GLOBAL_ADMINISTRATOR)


def there(site: Site) -> str:
    """Return the form for switching to Fabrikam."""
    return f"tenants/{site.tenants[1].guid}"


def gone(site: Site) -> Visitor:
    """Return the guest's browser after switching to Fabrikam."""
    visitor = site.visitor(Role.SECURITY_READER)
    assert "<h1>Fabrikam</h1>" in visitor.done(visitor.send("", there(site)))
    return visitor


def test_who_looks_for_activities_is_told_where_they_are(site: Site) -> None:
    """Every role is, because the portal has no page for activities."""
    for role in (Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_READER, Role.CLOUD_DISCOVERY_REPORT_ADMIN):
        page = site.visitor(role).page("")
        assert f"<code>{site.casb.settings.effective_public_url}</code>" in page
        assert "opencasb export activities" in page


def test_a_visitor_without_a_display_name_is_named_once(site: Site) -> None:
    """Such a user's name stands for it, too."""
    upn = site.user(Role.SECURITY_READER).upn
    assert f"signed in as <strong>{upn}</strong>, Security reader." in site.visitor(Role.SECURITY_READER).page("")


def test_a_guest_goes_to_another_organization_and_back(site: Site, guest: User) -> None:
    """They have the permissions granted there, and no pages about the account, which is managed at home."""
    visitor = gone(site)
    assert site.user(Role.SECURITY_READER).upn in visitor.page("users")
    assert site.casb.identity.audit_log.latest(guest.tenant_id)[0].action in visitor.page("audit-log")
    assert visitor.open("account").status_code == 403
    assert "/portal/account" not in visitor.page("")
    assert "<h1>Contoso</h1>" in visitor.done(visitor.send("", f"tenants/{site.contoso.guid}"))
    assert visitor.open("audit-log").status_code == 403
    assert visitor.open("account").status_code == 200


def test_a_form_is_for_the_organization_it_was_made_in(site: Site, guest: User) -> None:
    """A form opened in another window has no effect on the other organization."""
    del guest
    visitor = gone(site)
    page = visitor.open("users/new")
    visitor.cookies.pop(TENANT_COOKIE)
    answer = visitor.fill_in(page, name="new@contoso.example", role="Security reader")
    assert answer.status_code == 403
    visitor.cookies[TENANT_COOKIE] = site.tenants[1].guid
    users = site.casb.users.all(site.tenants[1].tenant_id)
    assert [user.upn for user in users] == [site.user(Role.SECURITY_READER).upn]


@pytest.mark.parametrize("said", ["", "nonsense", "fabrikam.example"])
def test_a_cookie_lets_nobody_in(site: Site, said: str) -> None:
    """A user who was not invited remains in the home organization, whatever the cookie says."""
    visitor = site.visitor(Role.SECURITY_READER)
    visitor.cookies[TENANT_COOKIE] = said
    assert "<h1>Contoso</h1>" in visitor.page("")
    assert "Organizations you can access" not in visitor.page("")
    assert "Fabrikam" not in visitor.page("")


def test_who_was_shut_out_is_at_home_again(site: Site, guest: User) -> None:
    """It takes effect at the next page."""
    visitor = gone(site)
    site.casb.users.deprovision(guest.tenant_id, guest.user_id, keep_one=False)
    assert "<h1>Contoso</h1>" in visitor.page("")
    assert visitor.open("audit-log").status_code == 403
