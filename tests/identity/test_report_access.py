"""Report credentials: shown once, stored as digests, and accepted in every form of header."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import cast

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.app import Casb
from opencasb.identity.errors import Unauthenticated
from opencasb.settings import Settings
from opencasb.store.report_credentials import report_credentials
from tests.conftest import NOW, create_schema


@pytest.fixture(scope="module")
def casb(tmp_path_factory: pytest.TempPathFactory) -> Casb:
    """An installation with a tenant."""
    folder = tmp_path_factory.mktemp("report-access")
    made = Casb(Settings(data=folder), lambda: NOW)
    create_schema(made.database)
    made.tenants.create("Contoso")
    return made


def tenant_id(casb: Casb) -> int:
    """Return the tenant."""
    found = casb.tenants.by_name("Contoso")
    assert found is not None
    return found.tenant_id


def test_the_secret_is_stored_nowhere(casb: Casb) -> None:
    """Only its keyed digest and its first characters are."""
    made = casb.identity.report_access.create(tenant_id(casb), " Power BI ", by="ana")
    assert made.secret not in repr(made)
    with casb.database.read() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(report_credentials)).mappings()]
    (row,) = [row for row in rows if row["credential_id"] == made.credential.credential_id]
    assert made.secret not in str(row)
    assert (row["name"], row["created_by"], len(row["digest"])) == ("Power BI", "ana", 64)
    assert made.secret.startswith(row["hint"])


def test_use_is_noted(casb: Casb) -> None:
    """Like that of API tokens."""
    access = casb.identity.report_access
    made = access.create(tenant_id(casb), "used", user_data=True)
    principal = access.authenticate(f"Token {made.secret}", "")
    assert principal.permissions == {"reports.read", "reports.users"}
    assert principal.name == "used"
    (kept,) = [each for each in casb.identity.report_credentials.all(tenant_id(casb)) if each.name == "used"]
    assert kept.last_used == NOW


@pytest.mark.parametrize("name", ["", "  ", "x" * 257, "a\nb"])
def test_names_are_for_people(casb: Casb, name: str) -> None:
    """Printable, and neither empty nor too long."""
    with pytest.raises(ValueError, match="must have 1 to 256 printable characters"):
        casb.identity.report_access.create(tenant_id(casb), name)


HEADERS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["Basic", "Token", "Bearer", "Negotiate"]).flatmap(
        lambda scheme: st.text(max_size=60).map(lambda text: f"{scheme} {text}")
    ),
    st.binary(max_size=40).map(lambda content: "Basic " + base64.b64encode(content).decode()),
    st.text(max_size=20).map(
        lambda text: "Basic " + base64.b64encode(f"x:rpt_{text}".encode("utf-8", "replace")).decode()
    ),
    st.just("Basic " + base64.b64encode(b"6f1de9a4-53a1-4b1c-8a0e-3c9d0f6c0c11:secret").decode()),
)


@given(HEADERS)
def test_any_other_header_is_nobody(casb: Casb, header: str) -> None:
    """No error is raised."""
    with pytest.raises(Unauthenticated):
        casb.identity.report_access.authenticate(header, "192.0.2.1")


def test_a_busy_database_turns_nobody_away(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recording the use can wait."""
    access = casb.identity.report_access
    made = access.create(tenant_id(casb), "busy")

    def busy(*_: object) -> None:
        raise sa.exc.OperationalError("", None, Exception("database is locked"))

    monkeypatch.setattr(casb.identity.report_credentials, "touch", cast("Callable[..., None]", busy))
    assert access.authenticate(f"Token {made.secret}", "").name == "busy"
