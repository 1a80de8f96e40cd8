"""Settings that clients read (api §12.7)."""

from __future__ import annotations

from tests.api.v1.conftest import Client


def test_settings_have_the_shape_that_clients_read(reader: Client) -> None:
    """What does not exist is empty or off."""
    assert reader.get("discovery/weights/") == {"fields": []}
    data = reader.get("discovery/get_encryption_settings/")["data"]
    assert data == {"anonymizeUsers": False, "anonymizeMachines": False}
    switch = reader.get("/api/v1/tenant_config/resolveDiscoveryUserWithAAD/")
    assert switch == {"resolveDiscoveryUserWithAAD": False}
