"""Users and roles."""

from __future__ import annotations

from opencasb.identity.passwords import verify_password
from opencasb.model.role_scope import MOST_APPS
from opencasb.model.roles import Role
from tests.api.admin.conftest import ADMIN, House


def test_a_life_of_a_user(house: House) -> None:
    """Created with a password, given another role, deprovisioned, and reinstated without the password."""
    given = {"name": "Ann@contoso.example", "role": "security reader", "password": "correct horse"}
    made = house.call("POST", "users", given)
    user, key = made.json(), (house.contoso.tenant_id, made.json()["id"])
    assert (made.status_code, user["name"], user["role"]) == (201, "ann@contoso.example", "Security reader")
    assert verify_password("correct horse", house.casb.users.password_hash(*key))
    path = f"users/{user['id']}"
    assert house.ok("PATCH", path, {"role": "global-reader"})["role"] == "Global reader"
    house.ok("PATCH", path, {"password": "battery staple"})
    assert verify_password("battery staple", house.casb.users.password_hash(*key))
    assert house.ok("PATCH", path, {"active": False})["active"] is False
    back = house.ok("PATCH", path, {"active": True, "role": "security-reader"})
    assert (back["active"], back["role"], house.casb.users.password_hash(*key)) == (True, "Security reader", None)
    assert house.ok("GET", path) == back
    assert back in house.ok("GET", "users")["users"]
    log = str(house.ok("GET", "audit-log"))
    assert "correct horse" not in log
    assert "argon2" not in log


def test_reports_are_for_report_admins(house: House) -> None:
    """They must exist."""
    stream = house.casb.streams.global_view(house.contoso.tenant_id).stream_id
    given = {"name": "ann@contoso.example", "role": Role.CLOUD_DISCOVERY_REPORT_ADMIN.slug}
    assert "'x' is not a report" in house.refusal(400, "POST", "users", {**given, "reports": ["x"]})
    user = house.ok("POST", "users", {**given, "reports": [stream]})
    assert user["reports"] == [stream]
    assert house.ok("PATCH", f"users/{user['id']}", {"reports": []})["reports"] == []
    wrong = {"role": "security-reader", "reports": [stream]}
    assert house.refusal(400, "PATCH", f"users/{user['id']}", wrong).startswith("reports: only the role")


def test_limits_of_a_role(house: House) -> None:
    """Set with the role, changed separately, removed with another role."""
    given = {"name": "ann@contoso.example", "role": Role.APP_INSTANCE_ADMIN.slug, "apps": ["11161", "11770|7"]}
    user = house.ok("POST", "users", given)
    assert user["scope"] == {"apps": ["11161", "11770|7"], "read_only": False}
    path = f"users/{user['id']}"
    assert house.ok("PATCH", path, {"read_only": True})["scope"] == {"apps": ["11161", "11770|7"], "read_only": True}
    assert house.ok("PATCH", path, {"password": "correct horse"})["scope"]["read_only"] is True
    assert house.ok("PATCH", path, {"apps": []})["scope"] == {"apps": [], "read_only": True}
    assert house.refusal(400, "PATCH", path, {"groups": ["g"]}).startswith("groups: only for the role")
    wrong = {**given, "name": "ben@contoso.example", "role": Role.SECURITY_READER.slug}
    assert house.refusal(400, "POST", "users", wrong) == "apps: only for the role 'App/instance admin'"
    assert house.refusal(400, "PATCH", path, {"apps": ["x"]}).startswith("apps: 'x' is not an app")
    assert house.ok("PATCH", path, {"apps": ["11161"] * MOST_APPS})["scope"]["apps"] == ["11161"]
    many = house.refusal(400, "PATCH", path, {"apps": ["11161"] * (MOST_APPS + 1)})
    assert many == f"apps: {MOST_APPS + 1} are given; at most {MOST_APPS} are allowed"
    group = house.casb.user_groups.take_over(house.contoso.tenant_id, 11161, "g")["_id"]
    change = {"role": Role.USER_GROUP_ADMIN.slug, "groups": ["g"]}
    assert house.ok("PATCH", path, change)["scope"] == {"groups": [group], "read_only": False}
    assert house.ok("PATCH", path, {"role": "security-reader"})["scope"] is None
    discovery = {"role": Role.CLOUD_DISCOVERY_GLOBAL_ADMIN.slug, "allowed_anonymization": True}
    assert house.ok("PATCH", path, discovery)["scope"] == {"allowed_anonymization": True}


def test_nobody_gives_more_than_they_have(house: House) -> None:
    """Security administrators edit everyone but global administrators.

    Cloud App Security administrators edit no one.
    """
    chief = next(user for user in house.ok("GET", "users")["users"] if user["role"] == ADMIN.value)
    security = house.token(Role.SECURITY_ADMINISTRATOR)
    product = house.token(Role.CLOUD_APP_SECURITY_ADMINISTRATOR)
    for change in ({"role": "security-reader"}, {"active": False}, {"password": "correct horse"}):
        house.refusal(403, "PATCH", f"users/{chief['id']}", change, token=security)
    ann = {"name": "ann@contoso.example", "role": "global-administrator"}
    house.refusal(403, "POST", "users", ann, token=security)
    ann["role"] = "security-reader"
    house.refusal(403, "POST", "users", ann, token=product)
    user = house.ok("POST", "users", ann, token=security)
    house.refusal(403, "PATCH", f"users/{user['id']}", {"role": "global-administrator"}, token=security)
    assert len(house.ok("GET", "roles", token=product)["roles"]) == len(Role)


def test_somebody_keeps_full_access(house: House) -> None:
    """The last one can be neither demoted nor deprovisioned."""
    [chief] = house.ok("GET", "users")["users"]
    for change in ({"active": False}, {"role": "security-reader"}):
        assert "is the last one with full access" in house.refusal(400, "PATCH", f"users/{chief['id']}", change)


def test_wrong_values_are_named(house: House) -> None:
    """A taken name, an unknown role, a short password."""
    ann = {"name": "ann@contoso.example", "role": "security-reader"}
    house.ok("POST", "users", ann)
    assert "exists" in house.refusal(400, "POST", "users", ann)
    bob = {**ann, "name": "bob@contoso.example"}
    assert "the roles are: " in house.refusal(400, "POST", "users", {**bob, "role": "king"})
    assert house.refusal(400, "POST", "users", {**bob, "password": "short"}).startswith("password: ")
    assert house.refusal(400, "POST", "users", {**bob, "password": 5}).startswith("password: ")
    assert house.refusal(404, "GET", "users/x") == "Not found."


def test_a_guest_is_invited_by_name(house: House) -> None:
    """A user of another tenant, without a password here."""
    name = f"pat@{house.fabrikam.domain}"
    house.casb.users.create(house.fabrikam.tenant_id, name, Role.SECURITY_READER)
    given = {"name": name.title(), "role": "security-reader", "guest": True}
    refused = house.refusal(400, "POST", "users", {**given, "password": "correct horse"})
    assert refused.startswith("password: a guest signs in at home")
    guest = house.ok("POST", "users", given)
    assert (guest["name"], guest["guest"], guest["role"]) == (name, True, "Security reader")
    refused = house.refusal(400, "PATCH", f"users/{guest['id']}", {"password": "correct horse"})
    assert refused.startswith("password: a guest signs in at home")
    assert "not a user of another tenant" in house.refusal(400, "POST", "users", {**given, "name": "x@contoso.example"})


def test_another_password_is_demanded(house: House) -> None:
    """At the next sign-in, but not from a guest, who has none here."""
    user = house.ok(
        "POST", "users", {"name": "ann@contoso.example", "role": "security-reader", "password": "long enough"}
    )
    assert house.ok("PATCH", f"users/{user['id']}", {"password_expired": True})["password_expired"] is True
    assert house.ok("PATCH", f"users/{user['id']}", {"password": "longer still"})["password_expired"] is False
