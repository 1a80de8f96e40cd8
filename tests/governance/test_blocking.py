"""Domains in block scripts."""

from __future__ import annotations

from pathlib import Path

from opencasb.governance.blocking import unsanctioned_domains
from tests.cli.installation import Installation


def test_every_domain_of_every_unsanctioned_app(tmp_path: Path) -> None:
    """The apps of one tenant may be listed, custom or unlisted; an unknown id has no domains."""
    casb = Installation(tmp_path)
    tenant_id = casb.contoso
    custom = casb.custom_apps.create(tenant_id, "Fleet board", domains=["fleet.example", "board.example"]).app_id
    outside = casb.unlisted_apps.ids(tenant_id, ["odd.example", "even.example"])["odd.example"]
    for app_id, tag in (
        (11627, "Unsanctioned"),
        (custom, "Unsanctioned"),
        (outside, "Unsanctioned"),
        (31001, "Monitored"),
    ):
        casb.tags.add(tenant_id, app_id, tag)
    casb.tags.add(tenant_id, 12345, "Unsanctioned")
    found = unsanctioned_domains(tenant_id, casb.tags, casb.reports.catalog(tenant_id), casb.unlisted_apps)
    assert found == ["board.example", "dropbox.com", "dropbox.zz_", "fleet.example", "odd.example"]
    assert unsanctioned_domains(casb.fabrikam, casb.tags, casb.catalog, casb.unlisted_apps) == []
    casb.close()


def test_the_verdict_on_the_app_that_took_a_domain_replaces_the_domains_own(tmp_path: Path) -> None:
    """Reports show the domain's usage under that app; without a verdict on it, the domain stays blocked."""
    casb = Installation(tmp_path)
    tenant_id = casb.contoso
    outside = casb.unlisted_apps.ids(tenant_id, ["odd.example"])["odd.example"]
    casb.tags.add(tenant_id, outside, "Unsanctioned")
    custom = casb.custom_apps.create(tenant_id, "Odd jobs", domains=["odd.example"]).app_id

    def blocked() -> list[str]:
        return unsanctioned_domains(tenant_id, casb.tags, casb.reports.catalog(tenant_id), casb.unlisted_apps)

    assert blocked() == ["odd.example"]
    casb.tags.add(tenant_id, custom, "Sanctioned")
    assert blocked() == []
    casb.close()
