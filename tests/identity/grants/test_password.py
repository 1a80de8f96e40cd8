"""The password grant: needs two settings, and does not reveal who has an account."""

from __future__ import annotations

import pytest

from opencasb.identity.passwords import hash_password
from opencasb.model.permissions import MDCA
from tests.identity.flows import PASSWORD, Flow
from tests.identity.standin import StandIn

FORM = {
    "grant_type": "password",
    "username": "ann@contoso.example",
    "password": PASSWORD,
    "scope": f"{MDCA.app_id}/discovery.read offline_access",
}


@pytest.fixture
def allowed(casb: StandIn, native: Flow) -> Flow:
    """Return a public application in a tenant that allows the password grant."""
    casb.tenants.switch(native.tenant.tenant_id, "password_grant", on=True)
    return native


def test_passwords_are_off_by_default(native: Flow) -> None:
    """The metadata does not list the grant, and it is rejected."""
    assert native.refused(FORM).code == 70003
    assert (
        "password" not in native.casb.identity.documents_at("").metadata(native.tenant.guid, 2)["grant_types_supported"]
    )


def test_an_allowed_password_signs_in(allowed: Flow) -> None:
    """At the tenant's address or at ``organizations``, where the name determines the tenant."""
    for segment in ("contoso.example", "organizations"):
        body = allowed.ask(FORM, segment=segment)
        assert allowed.claims(body["access_token"]).scp == "discovery.read"
        assert body["refresh_token"]
    assert (
        "password" in allowed.casb.identity.documents_at("").metadata(allowed.tenant.guid, 2)["grant_types_supported"]
    )


@pytest.mark.parametrize(
    ("change", "segment", "code"),
    [
        ({}, "common", 9001023),
        ({"password": "wrong"}, "contoso.example", 50126),
        ({}, "Consumers", 9001023),
        ({"password": ""}, "contoso.example", 900144),
        ({"password": " "}, "contoso.example", 50126),
        ({"username": "nobody@contoso.example"}, "contoso.example", 50126),
        ({"username": "ann"}, "organizations", 50126),
        ({"username": ""}, "contoso.example", 900144),
    ],
)
def test_wrong_ones_are_told_the_same(allowed: Flow, change: dict[str, str], segment: str, code: int) -> None:
    """An unknown name and a wrong password get the same response."""
    assert allowed.refused({**FORM, **change}, segment=segment).code == code


def test_a_request_without_a_password_is_no_attempt(allowed: Flow) -> None:
    """Any number of such requests locks nobody out."""
    for number in range(12):
        assert allowed.refused({**FORM, "password": "", "client_info": str(number)}).code == 900144
    assert allowed.ask(FORM)["access_token"]


def test_the_application_must_allow_it_too(casb: StandIn, allowed: Flow) -> None:
    """Double opt-in: without public client flows even a secret does not help."""
    casb.identity.applications.change(allowed.tenant.tenant_id, allowed.application.client_id, public_client=False)
    assert allowed.refused(FORM).code == 7000218
    assert allowed.refused({**FORM, "client_secret": allowed.secret}).code == 7000218


def test_a_secret_is_checked_if_the_application_has_one(casb: StandIn, allowed: Flow) -> None:
    """One without any is a public client, and told so."""
    assert allowed.ask({**FORM, "client_secret": allowed.secret})["access_token"]
    assert allowed.refused({**FORM, "client_secret": "x"}).code == 7000215
    client_id = allowed.application.client_id
    casb.identity.applications.remove_secret(allowed.tenant.tenant_id, client_id, allowed.key_id)
    assert allowed.refused({**FORM, "client_secret": "x"}).code == 700025
    assert allowed.ask(FORM)["access_token"]


def test_disabled_accounts_are_told_only_after_the_right_password(casb: StandIn, allowed: Flow) -> None:
    """Otherwise anyone could find out who has left."""
    casb.users.deprovision(allowed.tenant.tenant_id, allowed.user.user_id, keep_one=False)
    assert allowed.refused({**FORM, "password": "wrong"}).code == 50126
    assert allowed.refused(FORM).code == 50057


def test_what_takes_a_page_is_told(allowed: Flow) -> None:
    """An expired password, or a required second factor, cannot be handled by a program."""
    casb, user = allowed.casb, allowed.user
    casb.users.expire_password(user.tenant_id, user.user_id)
    assert allowed.refused(FORM).code == 50055
    assert allowed.refused({**FORM, "password": "wrong"}).code == 50126
    casb.users.set_password(user.tenant_id, user.user_id, hash_password(PASSWORD))
    casb.tenants.switch(user.tenant_id, "second_factor", on=True)
    assert allowed.refused(FORM).code == 50079
