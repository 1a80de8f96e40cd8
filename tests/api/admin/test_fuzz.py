"""Whatever is sent to whichever route, the answer is one of the contract and never a failure of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.api.admin.resources import ROUTES
from opencasb.saas.configuration import Given
from opencasb.saas.errors import RetryLater
from opencasb.saas.saas import Saas
from opencasb.saas.tokens import Token
from tests.api.admin.conftest import House

NAMES = (
    *("name", "multitenant", "public_client", "enabled", "days", "description", "certificate", "uri", "kind"),
    *("permission", "permissions", "user_id", "role", "active", "password", "reports", "display_name", "limit"),
    *("before", "issuer", "app_id", "key", "value", "link", "accept", "domains", "client_id", "client_secret"),
    *("name_claim", "links", "audiences", "role_mapping", "csv", "user_data", "period", "form", "keys"),
    *("directory_id", "authority", "graph_url", "ca", "period_days", "schedule", "run", "skip", "stream"),
)
TEXTS = st.text(max_size=12) | st.sampled_from(["", "web", "delegated", "security-reader", "https://a.example/", "\0"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda each: st.lists(each, max_size=2), max_leaves=3
)
NOBODY = "00000000-0000-4000-8000-000000000000"
CALLS = st.sampled_from([(method, route.path) for route in ROUTES for method in route.handlers])


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that all examples share."""
    made = House(tmp_path_factory.mktemp("fuzz"))
    casb = made.casb
    casb.saas = Saas(casb.database, casb.identity.vault, casb.clock, acquire=_out_of_reach)
    given = Given(directory_id=NOBODY, client_id=NOBODY, secret="x", graph_url="https://localhost:1", anywhere=True)
    casb.saas.add(made.contoso.tenant_id, "graph", given, by="test")
    yield made
    made.casb.close()


def _out_of_reach(*_: object) -> Token:
    """Give no token: whatever the integration says by then, nothing leaves this process."""
    raise RetryLater("host_unreachable", "out of reach")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(CALLS, st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5), st.booleans())
def test_any_parameters_get_an_answer(
    shared_house: House, call: tuple[str, str], body: dict[str, object], known: bool
) -> None:
    """Of status 200 to 404; ids are those of real things, or of none."""
    applications = shared_house.casb.identity.applications.all(shared_house.contoso.tenant_id)
    client_id = applications[0].client_id if applications and known else "nothing"
    user_id = shared_house.casb.users.all(shared_house.contoso.tenant_id)[0].user_id if applications else "nobody"
    method, path = call
    ids = {
        "<client_id>": client_id,
        "<user_id>": user_id,
        "<key_id>": "x",
        "<token_id>": "x",
        "<issuer>": "x",
        "<name>": "graph" if known else "x",
    }
    for variable, value in ids.items():
        path = path.replace(variable, value)
    assert shared_house.call(method, path, body).status_code < 405
