"""curl, as in our documentation and the vendor's."""

from __future__ import annotations

import json
import subprocess

import pytest

from opencasb.model.permissions import GRAPH, MDCA
from tests.clients.live import ADMINISTRATOR, PASSWORD, TOKEN, USER_SCOPE, Live

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients


def curl(live: Live, path: str, *arguments: str) -> dict[str, object]:
    """Return the JSON printed by curl."""
    command = ["curl", "-sS", "--cacert", live.ca, *arguments, f"{live.base}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("where", ["body", "header"])
def test_tokens_of_both_versions(live: Live, where: str) -> None:
    """A single POST each; the secret may be in the header instead."""
    grant = ("-d", "grant_type=client_credentials")
    posted = ("-d", f"client_id={live.daemon.client_id}", "--data-urlencode", f"client_secret={live.daemon.secret}")
    client = posted if where == "body" else ("-u", f"{live.daemon.client_id}:{live.daemon.secret}")
    v1 = curl(live, f"/{live.guid}/oauth2/token", *grant, *client, "-d", f"resource={MDCA.app_id}")
    v2 = curl(live, f"/{live.guid}/oauth2/v2.0/token", *grant, *client, "-d", f"scope={GRAPH.app_id}/.default")
    assert live.seen() == ["POST /{t}/oauth2/token", TOKEN]
    assert (v1["expires_in"], v2["expires_in"]) == ("3599", 3599)
    assert live.claims(str(v1["access_token"]))["roles"] == ["discovery.manage"]
    assert live.claims(str(v2["access_token"]), GRAPH.app_id)["roles"] == ["CloudApp-Discovery.Read.All"]


def test_the_sample_for_users_names_a_scope_and_no_resource(live: Live) -> None:
    """The vendor's sample in user context sends v1 a scope; characters encoded by forms arrive unchanged."""
    fields = {
        "grant_type": "password",
        "client_id": live.native.client_id,
        "username": ADMINISTRATOR,
        "password": PASSWORD,
        "scope": USER_SCOPE,
    }
    form = [part for name, value in fields.items() for part in ("--data-urlencode", f"{name}={value}")]
    answer = curl(live, f"/{live.guid}/oauth2/token", *form)
    assert live.claims(str(answer["access_token"]))["scp"] == "discovery.read"


def test_a_server_without_our_ca_is_distrusted(live: Live) -> None:
    """A client that does not trust the CA rejects the certificate."""
    done = subprocess.run(["curl", "-sS", live.base], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 60


def test_plain_http_is_for_clients_that_take_it(live: Live) -> None:
    """It is for this machine only; libraries reject it."""
    command = ["curl", "-sS", f"{live.server.plain}/common/discovery/v2.0/keys"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    assert len(json.loads(done.stdout)["keys"]) >= 2


def test_a_line_break_in_a_path_does_no_harm(live: Live) -> None:
    """The server keeps running."""
    assert curl(live, "/%0d%0a/oauth2/token", "-d", "x=1")["error_codes"] == [90002]
    assert curl(live, "/common/discovery/v2.0/keys")["keys"]
