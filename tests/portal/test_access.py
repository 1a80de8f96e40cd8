"""Access to every page and form, for every role, with objects of the user's own and of another tenant."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from opencasb.identity.application_record import full_record
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.portal.page import form_token
from opencasb.portal.pages.table import ACTIONS, VIEWS
from tests.portal.site import ADMIN, Site, Visitor

OPEN_TO_ALL = {"", "account"}
OWN_TOKENS = {
    *FULL_ACCESS,
    Role.SECURITY_READER,
    Role.APP_INSTANCE_ADMIN,
    Role.USER_GROUP_ADMIN,
    Role.CLOUD_DISCOVERY_GLOBAL_ADMIN,
    Role.CLOUD_DISCOVERY_REPORT_ADMIN,
}
SEES_ADMINS = {
    *FULL_ACCESS,
    Role.COMPLIANCE_ADMINISTRATOR,
    Role.COMPLIANCE_DATA_ADMINISTRATOR,
    Role.SECURITY_OPERATOR,
    Role.SECURITY_READER,
    Role.GLOBAL_READER,
}
SEES_DISCOVERY = {*SEES_ADMINS, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN, Role.CLOUD_DISCOVERY_REPORT_ADMIN}
EDITS_ADMINS = {Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Open an installation shared by the roles."""
    made = Site(tmp_path_factory.mktemp("access"))
    yield made
    made.casb.close()


def things(site: Site, number: int) -> dict[str, str]:
    """Return the ids of one object of each kind in a tenant."""
    tenant, identity = site.tenants[number], site.casb.identity
    visited = site.user(ADMIN, tenant)
    application = identity.applications.create(tenant.tenant_id, f"secret name of {tenant.name}")
    secret = identity.credentials.new_client_secret(tenant.tenant_id, application.client_id)
    identity.consents.grants.assign(tenant.tenant_id, application.client_id, visited.user_id, by="test")
    return {
        "report": site.casb.streams.global_view(tenant.tenant_id).stream_id,
        "tenant": tenant.guid,
        "client_id": application.client_id,
        "key_id": secret.key_id,
        "user_id": visited.user_id,
        "token_id": identity.credentials.new_api_token(tenant.tenant_id, visited.user_id, "x").token.token_id,
        "session_id": identity.sessions.all(visited)[0].session_id,
    }


def may(role: Role, path: str, *, acts: bool) -> bool:
    """Return what identity §11 and portal §10 allow a role at a URL."""
    area = path.partition("/")[0]
    if area in {"", "account", "sign-out", "tenants"}:
        return True
    if area == "cloud-discovery":
        return role in SEES_DISCOVERY
    if area == "api-tokens":
        return role in OWN_TOKENS
    if area == "users":
        return role in (EDITS_ADMINS if acts or path == "users/new" else SEES_ADMINS)
    if "/consent" in path:
        return role is Role.GLOBAL_ADMINISTRATOR
    return role in FULL_ACCESS


def filled(path: str, ids: dict[str, str]) -> str:
    """Replace the variables of a URL by ids."""
    return re.sub(r"<(\w+)>", lambda name: ids[name[1]], path)


def send(site: Site, visitor: Visitor, path: str) -> int:
    """Submit a confirmed form without other fields; return the status."""
    [cookie] = visitor.cookies.values()
    token = form_token(site.casb.identity.pepper, cookie)
    answer = visitor.post(f"/portal/{path}", {"form_token": token, "confirmed": "yes"})
    assert "Fabrikam" not in answer.text
    return answer.status_code


@pytest.mark.parametrize("role", Role)
def test_a_role_enters_what_it_may_and_nothing_else(site: Site, role: Role) -> None:
    """Forbidden pages are 403, whatever the form contains; pages have no links to them."""
    own, visitor = things(site, 0), site.visitor(role)
    for view in VIEWS:
        answer = visitor.open(filled(view.path, own))
        assert answer.status_code == (200 if may(role, view.path, acts=False) else 403), view.path
    for action in ACTIONS:
        if not may(role, action.path, acts=True):
            assert send(site, visitor, filled(action.path, own)) == 403, action.path
    for link in set(re.findall(r'href="/portal/([a-z/-]*)"', visitor.page(""))):
        assert may(role, link, acts=False), link


@pytest.mark.parametrize("role", Role)
def test_what_is_of_another_tenant_is_not_there(site: Site, role: Role) -> None:
    """They can be neither seen nor changed, and get the same response as unknown ones."""
    foreign, identity = things(site, 1), site.casb.identity
    tenant = site.tenants[1]
    application = identity.applications.get(tenant.tenant_id, foreign["client_id"])
    assert application is not None
    before = full_record(identity, application), site.casb.users.all(tenant.tenant_id)
    entries = identity.audit_log.latest(tenant.tenant_id, 1000)
    visitor = site.visitor(role)
    for view in VIEWS:
        answer = visitor.open(filled(view.path, foreign))
        assert "Fabrikam" not in answer.text
        assert "fabrikam" not in answer.text
        if "<" in view.path:
            assert answer.status_code == (404 if may(role, view.path, acts=False) else 403), view.path
    for action in ACTIONS:
        if "<" in action.path:
            expected = 404 if may(role, action.path, acts=True) else 403
            assert send(site, visitor, filled(action.path, foreign)) == expected, action.path
    assert (full_record(identity, application), site.casb.users.all(tenant.tenant_id)) == before
    assert identity.audit_log.latest(tenant.tenant_id, 1000) == entries


def test_who_was_shut_out_sees_nothing(site: Site) -> None:
    """Deprovisioning takes effect at once."""
    user = site.casb.users.create(site.contoso.tenant_id, "gone@contoso.example", ADMIN)
    visitor = site.sign_in(user)
    assert visitor.open("").status_code == 200
    site.casb.users.deprovision(user.tenant_id, user.user_id, keep_one=False)
    for view in VIEWS:
        if "<" not in view.path:
            assert visitor.open(view.path).headers["location"].startswith("/organizations/login?")


def test_another_role_holds_from_the_next_page_on(site: Site) -> None:
    """No new sign-in is needed."""
    user = site.casb.users.create(site.contoso.tenant_id, "less@contoso.example", ADMIN)
    visitor = site.sign_in(user)
    site.casb.users.set_role(user.tenant_id, user.user_id, Role.GLOBAL_READER)
    assert visitor.open("applications").status_code == 403
