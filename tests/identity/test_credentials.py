"""Secrets that are shown only once."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn

DAY = 24 * 3600 * 1000


def test_an_api_token_has_the_form_that_clients_check(casb: StandIn, tenant: Tenant) -> None:
    """It has 64 lower-case hex characters; only its digest and prefix are stored."""
    user = casb.users.create(tenant.tenant_id, "ann", Role.SECURITY_READER)
    made = casb.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, " siem ")
    assert re.fullmatch(r"[0-9a-f]{64}", made.value)
    assert (made.token.name, made.token.prefix) == ("siem", made.value[:4])
    assert made.value not in repr(made)


def test_a_client_secret_has_256_random_bits(casb: StandIn, tenant: Tenant, hand: HandClock) -> None:
    """It is long enough, safe on a command line, and has a hint of three characters."""
    application, secret = casb.application(tenant)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{43}", secret.value)
    assert secret.value not in repr(secret)
    [kept] = casb.identity.applications.secrets(tenant.tenant_id, application.client_id)
    assert (kept.hint, kept.key_id) == (secret.value[:3], secret.key_id)
    assert kept.expires == secret.expires == hand.now + 180 * DAY


@pytest.mark.parametrize("days", [0, -1, 731])
def test_a_client_secret_lives_two_years_at_most(casb: StandIn, tenant: Tenant, days: int) -> None:
    """Other lifetimes are rejected, and nothing is stored."""
    application, _ = casb.application(tenant)
    with pytest.raises(ValueError, match=rf"1 to 730 days, not {days}"):
        casb.identity.credentials.new_client_secret(tenant.tenant_id, application.client_id, days=days)
    assert len(casb.identity.applications.secrets(tenant.tenant_id, application.client_id)) == 1


@pytest.mark.parametrize("name", ["", " ", "a\0", "n" * 257])
def test_a_token_needs_a_name(casb: StandIn, tenant: Tenant, name: str) -> None:
    """A blank, unprintable or very long name is rejected."""
    with pytest.raises(ValueError, match="token name"):
        casb.identity.credentials.new_api_token(tenant.tenant_id, "u", name)


def test_no_secret_is_stored_anywhere(casb: StandIn, tenant: Tenant) -> None:
    """Neither tables nor key files have a secret or the key of its digest."""
    _, secret = casb.application(tenant)
    token = casb.api_token(tenant, Role.SECURITY_READER)
    pepper = (casb.data / "keys" / "pepper").read_bytes()
    with casb.database.read() as connection:
        indexes = {"activities_text"}  # which has the words of activities and is search-only
        names = set(sa.inspect(connection).get_table_names()) - indexes
        stored = repr([connection.execute(sa.text(f"select * from {name}")).all() for name in names])
    for hidden in (secret.value, token, pepper.hex(), repr(pepper)):
        assert hidden not in stored
