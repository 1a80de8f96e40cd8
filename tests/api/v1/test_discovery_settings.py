"""Settings that clients read (api §12.7)."""

from __future__ import annotations

from opencasb.model.factor import Importance
from opencasb.model.factors import SCORED
from tests.api.v1.conftest import Client


def test_settings_have_the_shape_that_clients_read(reader: Client) -> None:
    """Unsupported settings are empty or off."""
    data = reader.get("discovery/get_encryption_settings/")["data"]
    assert data == {"anonymizeUsers": False, "anonymizeMachines": False}
    switch = reader.get("/api/v1/tenant_config/resolveDiscoveryUserWithAAD/")
    assert switch == {"resolveDiscoveryUserWithAAD": False}


def test_weights_are_those_of_the_tenant(client: Client) -> None:
    """Medium is 1, each step doubles; every scored factor is included."""
    before = {field["id"]: field for field in client.get("discovery/weights/")["fields"]}
    assert before["isSupportsSaml"] == {
        "id": "isSupportsSaml",
        "name": "Supports SAML",
        "category": "security",
        "importance": "medium",
        "weight": 1.0,
        "includeNA": False,
    }
    assert before["isFileSharing"]["importance"] == "ignored"
    assert len(before) == len(SCORED)
    saml = {"is_supports_saml": Importance.VERY_HIGH}
    counted = {"is_supports_saml": True}
    client.casb.risk_scores.weigh(client.known.tenant_id, factors=saml, counted=counted, by="ann")
    after = {field["id"]: field for field in client.get("discovery/weights/")["fields"]}
    assert (after["isSupportsSaml"]["weight"], after["isSupportsSaml"]["includeNA"]) == (4.0, True)
