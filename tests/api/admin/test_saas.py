"""SaaS management integrations over the administration API."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
import trustme

from opencasb.model.roles import Role
from tests.api.admin.conftest import House
from tests.connect_proxy import proxying
from tests.local_http import name_this_machine
from tests.saas import standin
from tests.saas.standin import CLIENT, DIRECTORY, SECRET, Vendor, app, endpoint, running

PATH = "saas-integrations"


@pytest.fixture
def vendor(ca: trustme.CA) -> Iterator[Vendor]:
    """A stand-in for the vendor, with an endpoint stream and another one."""
    with running(ca) as started:
        started.streams = {"s1": ("Endpoints", [endpoint(1), endpoint(2)]), "s2": ("Edge", [app(2)])}
        yield started


@pytest.fixture
def by_operator(house: House, vendor: Vendor, ca: trustme.CA) -> None:
    """Add ``graph`` as the command line does, whose addresses may be on this machine."""
    house.casb.saas.add(house.contoso.tenant_id, "graph", standin.given(vendor, ca, "off"), by="operator")


@pytest.fixture
def given(ca: trustme.CA) -> dict[str, Any]:
    """The body sent by an administrator."""
    return {
        "name": "graph",
        "directory_id": DIRECTORY,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "authority": "https://login.example.org",
        "graph_url": "https://graph.example.org",
        "ca": ca.cert_pem.bytes().decode(),
        "period_days": 90,
        "schedule": "off",
    }


def run(house: House) -> None:
    """Run the integrations that are due, like the server."""
    house.casb.saas.run_due(Event())
    house.casb.saas.wait(60)


@pytest.mark.usefixtures("by_operator")
def test_from_the_first_call_to_the_apps(house: House, vendor: Vendor) -> None:
    """Authorised, run and read; every response is in the contract."""
    made = house.ok("GET", f"{PATH}/graph")
    assert (made["state"], made["own_ca"], made["private_addresses"]) == ("new", True, True)
    assert "authorised first" in house.refusal(400, "POST", f"{PATH}/graph/run")
    found = house.ok("POST", f"{PATH}/graph/authorize")
    assert (found["authorized"], found["streams"], found["problem"]) == (True, 2, None)
    assert house.call("POST", f"{PATH}/graph/run").status_code == 202
    run(house)
    vendor.streams["s1"] = ("Endpoints", [endpoint(2, riskScore=9)])
    house.call("POST", f"{PATH}/graph/run")
    run(house)
    history = house.ok("GET", f"{PATH}/graph/history?limit=5")["runs"]
    assert [(each["number"], each["reason"], each["outcome"]) for each in history] == [
        (2, "asked", "completed"),
        (1, "asked", "completed"),
    ]
    assert [each["name"] for each in history[0]["streams"]] == ["Endpoints", "Edge"]
    assert house.ok("GET", f"{PATH}/graph/history?before=2")["runs"] == history[1:]
    usage = house.ok("GET", f"{PATH}/graph/usage")
    assert (usage["total"], usage["run"], usage["apps"][0]["device_count"], usage["apps"][0]["streams"]) == (1, 2, 2, 2)
    edge = house.ok("GET", f"{PATH}/graph/usage?stream=s2&limit=1&skip=0")
    assert (edge["total"], edge["apps"][0]["stream_id"], edge["apps"][0]["device_count"]) == (1, "s2", None)
    changes = house.ok("GET", f"{PATH}/graph/changes?kind=risk&run=2")["changes"]
    assert [(each["app_id"], each["before"], each["after"]) for each in changes] == [("10002", 2, 9)]
    assert len(house.ok("GET", f"{PATH}/graph/changes")["changes"]) == 2


def test_what_is_configured_can_be_changed_and_removed(house: House, given: dict[str, Any]) -> None:
    """Omitted values stay; another tenant sees nothing."""
    made = house.ok("POST", PATH, given)
    assert (made["state"], made["own_ca"], SECRET in str(made)) == ("new", True, False)
    changed = house.ok("PATCH", f"{PATH}/graph", {"period_days": "7", "schedule": "Every 6h"})
    assert changed == made | {"period_days": 7, "schedule": "every 6h"}
    assert house.ok("PATCH", f"{PATH}/graph", {"usual_ca": True})["own_ca"] is False
    house.ok("PATCH", f"{PATH}/graph", {"client_secret": "another"})
    foreign = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", PATH, token=foreign) == {"integrations": []}
    assert house.refusal(404, "GET", f"{PATH}/graph", token=foreign) == "Not found."
    assert house.refusal(404, "DELETE", f"{PATH}/graph", token=foreign) == "Not found."
    assert house.refusal(403, "GET", PATH, token=house.token(Role.SECURITY_READER))
    assert house.ok("GET", PATH)["integrations"][0]["name"] == "graph"
    assert house.ok("DELETE", f"{PATH}/graph") == {}
    assert house.refusal(404, "GET", f"{PATH}/graph") == "Not found."


@pytest.mark.usefixtures("by_operator")
def test_the_audit_log_tells_who_changed_what(house: House) -> None:
    """Never the secret, only that it changed."""
    house.ok("PATCH", f"{PATH}/graph", {"client_secret": "another", "period_days": 30})
    house.ok("POST", f"{PATH}/graph/authorize")
    house.ok("DELETE", f"{PATH}/graph")
    entries = {each["action"]: each["details"] for each in house.ok("GET", "audit-log")["entries"]}
    assert {"saas.add", "saas.set", "saas.refused", "saas.remove"} <= set(entries)
    assert entries["saas.set"] == {"period_days": 30, "secret": True}
    assert "another" not in str(entries)
    assert SECRET not in str(entries)


def test_what_is_wrong_is_named(house: House, given: dict[str, Any]) -> None:
    """In one sentence."""
    house.ok("POST", PATH, given)
    assert "another integration" in house.refusal(400, "POST", PATH, given)
    assert house.refusal(400, "POST", PATH, {}) == "name: this parameter is required"
    assert "client_secret: a value is needed" in house.refusal(400, "POST", PATH, {**given, "client_secret": ""})
    assert "7, 30, 90" in house.refusal(400, "PATCH", f"{PATH}/graph", {"period_days": 8})
    assert "ca" in house.refusal(400, "PATCH", f"{PATH}/graph", {"ca": [1]})
    assert "limit" in house.refusal(400, "GET", f"{PATH}/graph/usage?limit=1001")
    assert "skip" in house.refusal(400, "GET", f"{PATH}/graph/usage?skip=-1")
    assert "before" in house.refusal(400, "GET", f"{PATH}/graph/history?before={2**40}")
    assert house.refusal(404, "GET", f"{PATH}/%00") == "Not found."
    assert "kind" in house.refusal(400, "GET", f"{PATH}/graph/changes?kind=other")


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost", "[::1]:8443", "10.0.0.1", "169.254.169.254", "intranet"])
def test_addresses_of_the_servers_network_are_for_the_operator(house: House, given: dict[str, Any], host: str) -> None:
    """Neither added nor changed to over the API."""
    house.ok("POST", PATH, {**given, "name": "public"})
    for field in ("authority", "graph_url"):
        for method, path in (("POST", PATH), ("PATCH", f"{PATH}/public")):
            told = house.refusal(400, method, path, {**given, field: f"https://{host}"})
            assert f"{field} 'https://{host}' must have a public host name" in told
            assert "command line" in told


def test_a_name_of_the_servers_network_tells_nothing_about_ports(
    house: House, given: dict[str, Any], vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open and a closed port are refused alike, for the name is resolved before anything is contacted."""
    name_this_machine("internal.example.org", monkeypatch)
    house.ok("POST", PATH, given)
    answers = []
    for base in (vendor.base.replace("localhost", "internal.example.org"), "https://internal.example.org:9"):
        house.ok("PATCH", f"{PATH}/graph", {"authority": base, "graph_url": base})
        answers.append(house.ok("POST", f"{PATH}/graph/authorize"))
    assert answers[0] == answers[1]
    assert answers[0]["problem"]["code"] == "not_public"
    assert "internal.example.org has an address that is not public" in answers[0]["problem"]["message"]
    assert vendor.seen == []


def test_microsofts_graph_may_be_behind_the_environments_proxy(
    house: House, given: dict[str, Any], ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing but the proxy knows its address."""
    name_this_machine("graph.microsoft.com", monkeypatch)
    with (
        running(ca, "graph.microsoft.com") as vendor,
        proxying(int(vendor.base.rpartition(":")[2]), monkeypatch) as asked,
    ):
        vendor.base = "https://graph.microsoft.com"
        house.ok("POST", PATH, {**given, "authority": vendor.base, "graph_url": vendor.base})
        assert house.ok("POST", f"{PATH}/graph/authorize")["authorized"] is True
    assert asked == ["graph.microsoft.com:443"]


@pytest.mark.usefixtures("by_operator")
def test_what_the_operator_set_stays_reachable_until_its_address_changes(house: House, vendor: Vendor) -> None:
    """Then it is that of the tenant's administrator, who cannot change it back."""
    same = {"graph_url": vendor.base, "schedule": "every 6h"}
    assert house.ok("PATCH", f"{PATH}/graph", same)["private_addresses"] is True
    assert house.ok("POST", f"{PATH}/graph/authorize")["authorized"] is True
    assert "authority" in house.refusal(400, "PATCH", f"{PATH}/graph", {"graph_url": "https://graph.example.org"})
    public = {"graph_url": "https://graph.example.org", "authority": "https://login.example.org"}
    assert house.ok("PATCH", f"{PATH}/graph", public)["private_addresses"] is False
    assert "graph_url" in house.refusal(400, "PATCH", f"{PATH}/graph", same)
