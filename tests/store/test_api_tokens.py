"""The repository of API tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from opencasb.model.roles import Role
from opencasb.model.user import User
from opencasb.store.api_tokens import ApiTokens
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users


@pytest.fixture
def tokens(database: Database, clock: Callable[[], int]) -> ApiTokens:
    """Return the repository under test."""
    return ApiTokens(database, clock)


@pytest.fixture
def tenant_id(database: Database, clock: Callable[[], int]) -> int:
    """Return the number of a tenant."""
    return Tenants(database, clock).create("Contoso").tenant_id


@pytest.fixture
def owner(database: Database, clock: Callable[[], int], tenant_id: int) -> User:
    """Return a user of that tenant."""
    return Users(database, clock).create(
        tenant_id, "ann@contoso.example", Role.CLOUD_DISCOVERY_REPORT_ADMIN, stream_ids=["s1"]
    )


def test_a_token_is_found_by_its_digest(tokens: ApiTokens, tenant_id: int, owner: User) -> None:
    """The digest leads to the token, its tenant and its owner."""
    made = tokens.add(tenant_id, owner.user_id, "siem", digest="d1", prefix="ab12")
    assert tokens.owned("d1") == (made, owner)
    assert (made.tenant_id, made.prefix, made.last_used) == (tenant_id, "ab12", None)
    assert tokens.owned("d2") is None


def test_an_owner_is_one_of_the_same_tenant(
    tokens: ApiTokens, owner: User, database: Database, clock: Callable[[], int]
) -> None:
    """A user with the same id in another tenant is a different user."""
    other = Tenants(database, clock).create("Fabrikam").tenant_id
    tokens.add(other, owner.user_id, "siem", digest="d1", prefix="")
    assert tokens.owned("d1") is None


def test_tokens_are_listed_per_tenant_and_owner(tokens: ApiTokens) -> None:
    """A list has the tokens of one tenant, or of one of its users."""
    mine, other = (tokens.add(1, user, "n", digest=user, prefix="") for user in ("u", "v"))
    tokens.add(2, "u", "n", digest="x", prefix="")
    assert {token.token_id for token in tokens.all(1)} == {mine.token_id, other.token_id}
    assert tokens.all(1, "u") == [mine]


def test_a_use_is_noted(tokens: ApiTokens, tenant_id: int, owner: User) -> None:
    """The time of the last use is stored with the token."""
    made = tokens.add(tenant_id, owner.user_id, "n", digest="d", prefix="")
    tokens.touch(2, made.token_id, 5)
    tokens.touch(tenant_id, made.token_id, 7)
    found = tokens.owned("d")
    assert found is not None
    assert found[0].last_used == 7


def test_a_revoked_token_is_gone(tokens: ApiTokens, tenant_id: int, owner: User) -> None:
    """Revoking removes the token once, and only in its tenant."""
    made = tokens.add(tenant_id, owner.user_id, "n", digest="d", prefix="")
    assert not tokens.revoke(tenant_id + 1, made.token_id)
    assert tokens.owned("d") == (made, owner)
    assert tokens.revoke(tenant_id, made.token_id)
    assert not tokens.revoke(tenant_id, made.token_id)
    assert tokens.owned("d") is None
    assert tokens.all(tenant_id) == []


def test_a_digest_cannot_be_kept_twice(tokens: ApiTokens) -> None:
    """A digest belongs to one token only."""
    tokens.add(1, "u", "n", digest="d", prefix="")
    with pytest.raises(sa.exc.IntegrityError):
        tokens.add(2, "u", "n", digest="d", prefix="")


def test_making_and_revoking_are_audited(tokens: ApiTokens, database: Database, clock: Callable[[], int]) -> None:
    """Both are audited with the token's id, without its digest."""
    made = tokens.add(1, "u", "siem", digest="d1d1", prefix="", by="x")
    tokens.revoke(1, made.token_id, by="x")
    entries = AuditLog(database, clock).latest(1)
    assert {entry.action for entry in entries} == {"api_token.create", "api_token.revoke"}
    assert {(entry.target, entry.details["token_id"]) for entry in entries} == {("siem", made.token_id)}
    assert "d1d1" not in repr(entries)
