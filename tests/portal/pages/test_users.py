"""Users and roles."""

from __future__ import annotations

import re

import pytest

from opencasb.identity.passwords import verify_password
from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from opencasb.model.user import User
from opencasb.portal.pages.users import PAGE
from tests.portal.site import PASSWORD, Site


@pytest.fixture
def ann(site: Site) -> User:
    """Return a security reader."""
    return site.user(Role.SECURITY_READER)


def now(site: Site, user: User) -> User:
    """Return a user's current record."""
    found = site.casb.users.get(user.tenant_id, user.user_id)
    assert found is not None
    return found


def test_a_user_is_added_and_can_sign_in(site: Site) -> None:
    """The user has a password and the chosen role."""
    visitor = site.visitor()
    answer = visitor.send(
        "users/new", "users", name="Eve@contoso.example", display_name="Eve", role="Global reader", password=PASSWORD
    )
    assert "eve@contoso.example" in visitor.done(answer)
    eve = site.casb.users.by_upn(site.contoso.tenant_id, "eve@contoso.example")
    assert eve is not None
    assert eve.role is Role.GLOBAL_READER
    assert verify_password(PASSWORD, site.casb.users.password_hash(eve.tenant_id, eve.user_id))


@pytest.mark.parametrize("name", ["山田\u3000太郎", "a\u200cb", "a\u00a0b", "\U0001f469\u200d\U0001f4bb"])
def test_names_are_what_people_write(site: Site, name: str) -> None:
    """Spaces of other widths, and the joiners of Persian and of emoji, are accepted."""
    visitor = site.visitor()
    sent = {"name": "eve@contoso.example", "display_name": name, "role": "Global reader"}
    assert name in visitor.done(visitor.send("users/new", "users", **sent))


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(site: Site) -> None:
    """Only the password is cleared, and never shown."""
    visitor = site.visitor()
    good = {"name": "eve@contoso.example", "display_name": "Eve", "role": "Global reader", "password": "short"}
    for field, values in (
        ("password", good),
        ("name", {**good, "password": PASSWORD, "name": site.user().upn}),
        ("role", {**good, "password": PASSWORD, "role": "king"}),
    ):
        refused = visitor.send("users/new", "users", **values)
        assert refused.status_code == 400
        assert f'id="{field}-problem"' in refused.text
        assert 'value="Eve"' in refused.text
        assert values["password"] not in refused.text
    assert "selected>Global reader" in visitor.send("users/new", "users", **good).text


def listed(text: str) -> list[str]:
    """Return the user names on a page of users."""
    return re.findall(r'<a href="/portal/users/[0-9a-f-]{36}">([^<]*)</a>', text)


def test_every_user_is_on_one_page(site: Site) -> None:
    """Sorted by name, on pages short enough for keyboard users."""
    visitor, tenant = site.visitor(), site.contoso.tenant_id
    for number in range(2 * PAGE):
        site.casb.users.create(tenant, f"u{number:03}@contoso.example", Role.SECURITY_READER)
    seen, path = [], "users"
    while path:
        text = visitor.page(path)
        assert len(listed(text)) <= PAGE
        seen += listed(text)
        following = re.search(r'href="/portal/(users[^"]*)">Next</a>', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == [each.upn for each in site.casb.users.all(tenant)]
    assert f"{2 * PAGE + 1} to" in text
    for page in ("0", "-1", "4", "x", "9" * 20):
        assert visitor.open(f"users?page={page}").status_code == 404


def test_users_are_found_by_a_part_of_a_name(site: Site, ann: User) -> None:
    """User names and display names match in any case; the search text remains in its field."""
    visitor, tenant = site.visitor(), site.contoso.tenant_id
    site.casb.users.create(tenant, "zoe@contoso.example", Role.SECURITY_READER, display_name="Zoë Müller & Söhne")
    assert listed(visitor.page("users?text=M%C3%9CLLER+%26")) == ["zoe@contoso.example"]
    assert listed(visitor.page(f"users?text={ann.upn.upper()}")) == [ann.upn]
    nobody = visitor.page("users?text=%22%3E%3Cb%3E")
    assert (listed(nobody), "No user matches." in nobody, "<b>" in nobody) == ([], True, False)
    assert 'value="&#34;&gt;&lt;b&gt;"' in nobody
    assert 'role="search"' not in visitor.page("users")  # not needed for few users


def test_role_password_and_access_are_changed(site: Site, ann: User) -> None:
    """Deprovisioning asks for confirmation."""
    visitor, page = site.visitor(), f"users/{ann.user_id}"
    visitor.done(visitor.send(page, f"{page}/role", role="Security operator"))
    assert now(site, ann).role is Role.SECURITY_OPERATOR
    visitor.done(visitor.send(page, f"{page}/password", password="another password"))
    assert verify_password("another password", site.casb.users.password_hash(ann.tenant_id, ann.user_id))
    assert visitor.send(page, f"{page}/password", password="").status_code == 400
    asked = visitor.send(page, f"{page}/deprovision")
    assert now(site, ann).active
    assert "deprovisioned since" in visitor.done(visitor.confirm(asked))
    visitor.done(visitor.send(page, f"{page}/reinstate", role="Security reader"))
    assert (now(site, ann).active, now(site, ann).role) == (True, Role.SECURITY_READER)


def test_report_admins_are_limited_to_reports(site: Site, ann: User) -> None:
    """Other roles are not limited."""
    made = site.casb.streams.create(site.contoso.tenant_id, "edge", StreamType.SNAPSHOT)
    visitor, page = site.visitor(), f"users/{ann.user_id}"
    role = "Cloud Discovery report admin"
    visitor.done(visitor.send(page, f"{page}/role", role=role, reports=made.stream_id))
    assert now(site, ann).stream_ids == frozenset({made.stream_id})
    assert f'value="{made.stream_id}" checked' in visitor.page(page)
    refused = visitor.send(page, f"{page}/role", role="Security reader", reports=made.stream_id)
    assert refused.status_code == 400
    assert 'id="reports-problem"' in refused.text
    assert visitor.send(page, f"{page}/role", role=role, reports="x").status_code == 400


def test_scoped_roles_are_limited_to_apps_and_groups(site: Site, ann: User) -> None:
    """Limits remain in the form; one that does not fit the role is rejected with an error next to its field."""
    group = site.casb.user_groups.take_over(site.contoso.tenant_id, 11161, "sales")["_id"]
    visitor, page = site.visitor(), f"users/{ann.user_id}"
    role, apps = "App/instance admin", "11161 11770|1059065"
    visitor.done(visitor.send(page, f"{page}/role", role=role, apps=apps, read_only="yes"))
    scope = now(site, ann).scope
    assert scope is not None
    assert ([str(app) for app in scope.apps], scope.read_only) == (apps.split(), True)
    assert f'value="{apps}"' in visitor.page(page)
    assert "May resolve pseudonyms (Cloud Discovery global admin)" in visitor.page(page)
    for field, values in (
        ("apps", {"role": role, "apps": "Salesforce"}),
        ("groups", {"role": role, "groups": group}),
        ("read_only", {"role": "Security reader", "apps": "", "read_only": "yes"}),
    ):
        refused = visitor.send(page, f"{page}/role", **values)
        assert refused.status_code == 400
        assert f'id="{field}-problem"' in refused.text
        described = refused.text.count(f'{field}-problem"') == 2
        assert described == (field != "groups")  # no single box of several is the wrong one
    limited = {"role": "User group admin", "apps": "", "groups": group}
    visitor.done(visitor.send(page, f"{page}/role", **limited))
    assert f'value="{group}" checked' in visitor.page(page)


def test_somebody_keeps_full_access(site: Site) -> None:
    """The page says so, whichever change would remove the last one."""
    chief, visitor = site.user(), site.visitor()
    page = f"users/{chief.user_id}"
    refused = visitor.send(page, f"{page}/role", role="Security reader")
    assert "is the last one with full access" in refused.text
    refused = visitor.confirm(visitor.send(page, f"{page}/deprovision"))
    assert refused.status_code == 400
    assert 'id="active-problem"' in refused.text
    assert now(site, chief).active


def test_what_is_above_the_own_role_is_out_of_reach(site: Site, ann: User) -> None:
    """A security administrator can neither create global ones nor set their passwords; readers only read."""
    chief = site.user()
    visitor = site.visitor(Role.SECURITY_ADMINISTRATOR)
    text = visitor.page("users/new")
    assert "Global administrator</option>" not in text
    token = text.partition('name="form_token" value="')[2].partition('"')[0]
    for path, values in (
        (f"users/{ann.user_id}/role", {"role": "Global administrator"}),
        (f"users/{chief.user_id}/role", {"role": "Security reader"}),
        (f"users/{chief.user_id}/password", {"password": "another password"}),
        (f"users/{chief.user_id}/deprovision", {"confirmed": "yes"}),
        ("users", {"name": "x@contoso.example", "role": "Global administrator"}),
    ):
        assert visitor.post(f"/portal/{path}", {"form_token": token, **values}).status_code == 403, path
    assert now(site, chief) == chief
    reader = site.visitor(Role.GLOBAL_READER).page(f"users/{ann.user_id}")
    assert "Your role does not allow changes to this user." in reader


def test_another_password_is_demanded(site: Site, ann: User) -> None:
    """The next sign-in requires it, and the page says so."""
    visitor, page = site.visitor(), f"users/{ann.user_id}"
    assert "must choose a new password" in visitor.done(visitor.send(page, f"{page}/expire-password"))
    assert now(site, ann).password_expired
    visitor.done(visitor.send(page, f"{page}/password", password="long enough"))
    assert not now(site, ann).password_expired


def test_a_guest_is_let_in_without_a_password(site: Site) -> None:
    """The form for users invites guests, too; a guest's page has no password form."""
    other = site.user(Role.SECURITY_READER, site.tenants[1])
    visitor = site.visitor()
    for field in ("password", "display_name"):
        guest = {"name": other.upn, "role": "Global reader", "guest": "yes", field: "taken for nothing"}
        refused = visitor.send("users/new", "users", **guest)
        assert refused.status_code == 400
        assert f'id="{field}-problem"' in refused.text
    page = visitor.done(visitor.send("users/new", "users", name=other.upn, role="Global reader", guest="yes"))
    assert "signs in at another organization" in page
    assert "New password" not in page
