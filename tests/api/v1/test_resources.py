"""Every endpoint has the methods and permission given in the index (api §2.3, §17)."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.api.v1.resources import ROUTES

VIEW, CHANGE, UPLOAD, SCRIPT, LOG = (
    "discovery.view",
    "discovery.change",
    "discovery.upload",
    "discovery.block_script",
    "governance.view",
)
CLOSE = "alerts.close"
INDEX = [
    ("discovery/upload_url", "GET", UPLOAD),
    ("discovery/done_upload", "POST GET", UPLOAD),
    ("discovery/streams", "GET", VIEW),
    ("discovery/discovered_apps/categories", "POST", VIEW),
    ("discovery_block_scripts", "GET", SCRIPT),
    ("discovery/discovery_block_scripts", "GET", SCRIPT),
    ("discovery/block_script", "GET", SCRIPT),
    ("discovery/app_tags", "POST GET", VIEW),
    ("discovery/discovery_app/<app_id>/add_tag", "POST", CHANGE),
    ("discovery/discovery_app/<app_id>/remove_tag", "POST", CHANGE),
    ("discovery/discovered_apps", "POST GET", VIEW),
    ("discovery/discovered_apps/tags", "POST GET", VIEW),
    ("discovery/discovered_apps/<app_id>", "POST GET", VIEW),
    ("discovery", "POST GET", VIEW),
    ("discovery/app_catalog", "GET", VIEW),
    ("saasdb", "GET POST", VIEW),
    ("saasdb/<app_id>", "GET", VIEW),
    ("discovery/data_sources", "GET", VIEW),
    ("discovery/data_sources", "POST", CHANGE),
    ("discovery/data_sources/<stream_id>", "GET", VIEW),
    ("discovery/data_sources/<stream_id>", "DELETE", CHANGE),
    ("discovery/log_collectors", "GET", VIEW),
    ("discovery/snapshot_reports", "GET", VIEW),
    ("discovery/continuous_reports", "GET", VIEW),
    ("discovery/weights", "GET", VIEW),
    ("discovery/get_encryption_settings", "GET", VIEW),
    ("tenant_config/resolveDiscoveryUserWithAAD", "GET", VIEW),
    ("activities", "POST GET", "activities.view"),
    ("activities/<activity_id>", "POST GET", "activities.view"),
    ("activities_kusto", "POST GET", "activities.view"),
    ("activities_kusto/<activity_id>", "POST GET", "activities.view"),
    ("activities/<activity_id>/feedback", "POST", "activities.feedback"),
    ("entities", "POST GET", "entities.view"),
    ("entities/<entity_pk>", "POST GET", "entities.view"),
    ("entities/<entity_pk>/retrieve_tree", "POST GET", "entities.view"),
    ("entities/<entity_pk>/tree", "POST GET", "entities.view"),
    ("files", "POST GET", "files.view"),
    ("files/<file_id>", "POST GET", "files.view"),
    ("user_tags", "POST GET", "entities.view"),
    ("user_tags/create_tag", "POST", "settings.change"),
    ("ingest/activities", "POST", "ingest.write"),
    ("ingest/entities", "POST", "ingest.write"),
    ("ingest/files", "POST", "ingest.write"),
    ("alerts", "POST GET", "alerts.view"),
    ("alerts/<alert_id>", "POST GET", "alerts.view"),
    ("alerts/<alert_id>/read", "POST", "alerts.mark"),
    ("alerts/<alert_id>/unread", "POST", "alerts.mark"),
    ("alerts/close_benign", "POST", CLOSE),
    ("alerts/close_false_positive", "POST", CLOSE),
    ("alerts/close_true_positive", "POST", CLOSE),
    ("alerts/dismiss_bulk", "POST", CLOSE),
    ("alerts/resolve", "POST", CLOSE),
    ("alerts/reopen", "POST", CLOSE),
    ("alerts/<alert_id>/close_benign", "POST", CLOSE),
    ("alerts/<alert_id>/close_false_positive", "POST", CLOSE),
    ("alerts/<alert_id>/close_true_positive", "POST", CLOSE),
    ("alerts/<alert_id>/dismiss", "POST", CLOSE),
    ("policies", "POST GET", "policies.view"),
    ("policies/<policy_id>", "POST GET", "policies.view"),
    ("policies/<policy_type>/<policy_id>", "POST GET", "policies.view"),
    ("app_permissions", "POST GET", "oauth_apps.view"),
    ("reports", "POST GET", "policies.view"),
    ("reports/<target>", "POST GET", "policies.view"),
    ("autocomplete/activity-types", "POST GET", "activities.view"),
    ("activities_locations/by_user", "POST GET", "activities.view"),
    ("agents/siem", "POST GET", "settings.view"),
    ("agents/siem/<agent_id>", "GET", "settings.view"),
    ("agents/siem/<agent_id>", "POST DELETE", "settings.change"),
    ("agents/siem/<agent_id>/generate", "POST", "settings.change"),
    ("managed_devices/get_data", "POST GET", "settings.view"),
    ("settings", "GET", "settings.view"),
    ("mail_settings/get", "GET", "settings.view"),
    ("manage_admin_access", "GET", "admin_access.view"),
    ("manage_admin_access", "POST", "admin_access.change"),
    ("manage_admin_access/<user_id>", "DELETE", "admin_access.change"),
    ("governance", "POST GET", LOG),
    ("governance/<task_id>", "GET", LOG),
    ("api_tokens", "POST GET", None),
    ("api_tokens/<token_id>", "DELETE", None),
    ("subnet", "GET POST", "subnet.list"),
    ("subnet/create_rule", "POST", "subnet.change"),
    ("subnet/<range_id>", "GET", "subnet.list"),
    ("subnet/<range_id>", "POST DELETE", "subnet.change"),
    ("subnet/<range_id>/update_rule", "POST", "subnet.change"),
    ("tags", "GET POST", "settings.view"),
    ("discovery/snapshot_reports/<stream_id>", "DELETE", CHANGE),
    ("discovery/custom_apps", "GET", VIEW),
    ("discovery/custom_apps", "POST", CHANGE),
    ("discovery/custom_apps/<app_id>", "DELETE", CHANGE),
    ("discovery/resolve_pseudonyms", "POST", CHANGE),
]


@pytest.mark.parametrize(("path", "methods", "operation"), INDEX)
def test_an_endpoint_has_its_methods_and_its_scope(path: str, methods: str, operation: str | None) -> None:
    """The route table defines who may call what."""
    found = {method: route.operation for route in ROUTES if route.path == path for method in route.handlers}
    assert {method: found.get(method, "nothing") for method in methods.split()} == dict.fromkeys(
        methods.split(), operation
    )


def test_the_index_is_complete() -> None:
    """Every route is listed here."""
    assert {route.path for route in ROUTES} == {path for path, _, _ in INDEX}


def test_every_endpoint_stands_in_the_compatibility_table() -> None:
    """Users find each path, its level and its differences."""
    text = (Path(__file__).parents[3] / "docs/compatibility.md").read_text("utf-8")
    assert [route.path for route in ROUTES if f"`{route.path}/`" not in text] == []
