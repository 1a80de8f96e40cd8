"""``opencasb demo``: a server with sample data of a fictional company, processed by the real pipeline."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from opencasb.cli.demo_text import demo_text
from opencasb.cli.init import first_tenant
from opencasb.cli.options import actor, json_option
from opencasb.cli.output import echo_json
from opencasb.model.permissions import parse_permission
from opencasb.model.stream import StreamType

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.tenant import Tenant
    from opencasb.program import Opener

COMPANY: Final = "Lindgren Logistics"
DOMAIN: Final = "lindgren-logistics.example"
ADMIN: Final = f"admin@{DOMAIN}"
SOURCE: Final = "Head-office-proxy"
SANCTIONED: Final = ("Salesforce", "Microsoft Teams", "Zoom", "Slack")
UNSANCTIONED: Final = ("MEGA", "WeTransfer", "Pastebin")
USERS: Final = 40
PERMISSIONS: Final = ("CloudApp-Discovery.Read.All", "discovery.manage", "investigation.manage")


@click.command("demo")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="Directory of the demo; reused if it exists.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="HTTPS port (default 8443).")
@click.option("--http-port", type=click.IntRange(0, 65535), help="Plain HTTP port on loopback (default 8080, 0 = off).")
@click.option("--seed", default=1, show_default=True, help="Random seed of the sample data.")
@json_option
@click.pass_obj
def command(opener: Opener, data: Path, as_json: bool, port: int | None, http_port: int | None, seed: int) -> None:
    """Start a server with sample data of a fictional company, and print how to use it. Stop it with Ctrl-C.

    JSON, once it is up: {"company", "server", "authority", "portal", "user", "password", "token", "tenant_id",
    "client_id", "client_secret", "stream_id", "data"}; "authority" is the CA file to trust, "stream_id" the Global
    View.

    Exit codes: 0 stopped by SIGINT or SIGTERM; 1 failed, stderr says why; 2 wrong usage or setting.
    """
    with opener.server(data, port=port, http_port=http_port) as (casb, sockets):
        tenant = casb.tenants.default()
        if tenant is None:
            tenant = casb.tenants.create(COMPANY, domain=DOMAIN, by=actor())
            first_tenant(casb, COMPANY, ADMIN)
            _fill(casb, tenant.tenant_id, seed)
            _fill_records(casb, tenant.tenant_id, seed)
        access = _access(casb, tenant)
        told = demo_text(access, casb.settings, sys.argv[0])
        opener.serve(casb, sockets, lambda: echo_json(access) if as_json else click.echo(told))


def _fill(casb: Casb, tenant_id: int, seed: int) -> None:
    """Write a month of proxy log and process it: upload, parsing, matching, roll-up."""
    from opencasb.discovery import demo

    started = time.monotonic()
    log = casb.settings.data / "demo-proxy.log"
    with log.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in demo.lines(seed, casb.clock()))
    stream = casb.streams.obtain(tenant_id, SOURCE, StreamType.INPUT, source="BLUECOAT", comment="demo")
    upload = casb.intake.enqueue(stream, log, origin="demo", filename=log.name)
    leased = casb.uploads.lease(actor())
    assert leased is not None  # noqa: S101 -- queued in the line before
    casb.processing.run(leased)
    result = casb.uploads.get(tenant_id, upload.upload_id)
    _tag(casb, tenant_id)
    text = (result.result or {}).get("text") if result else None
    sys.stderr.write(f"demo log: {text} in {time.monotonic() - started:.1f} s\n")


def _fill_records(casb: Casb, tenant_id: int, seed: int) -> None:
    """Ingest a month of activities, after creating IP ranges and before raising alerts."""
    from opencasb.activities import demo
    from opencasb.activities.demo_incidents import alerts, policies
    from opencasb.activities.demo_ip_ranges import IP_RANGES
    from opencasb.activities.demo_people import people
    from opencasb.activities.raising import raise_alerts
    from opencasb.discovery.demo import user_name
    from opencasb.store.ip_range_documents import RangeRule
    from opencasb.store.policies import record

    started = time.monotonic()
    now, users = casb.clock(), [user_name(number) for number in range(USERS)]
    for rule in IP_RANGES:
        casb.ip_ranges.create(tenant_id, RangeRule(**rule), by=actor())
    casb.own_domains.add(tenant_id, DOMAIN, by=actor())
    casb.ingest.entities(tenant_id, map(msgspec.json.encode, people(users)))
    lines = map(msgspec.json.encode, demo.activities(seed, now, users))
    report = casb.ingest.activities(tenant_id, lines)
    casb.policies.add(tenant_id, [record(each) for each in policies(now)])
    raised = [{**alert, "audits": _found(casb, tenant_id, about)} for alert, about in alerts(now, users)]
    raise_alerts(casb.alerts, casb.activities, tenant_id, raised)
    sys.stderr.write(f"demo activities: {report.accepted} in {time.monotonic() - started:.1f} s\n")


def _found(casb: Casb, tenant_id: int, filters: dict[str, Any]) -> list[str]:  # JSON
    """Return the ids of the activities that match a filter."""
    from opencasb.filters.fields import ACTIVITIES
    from opencasb.filters.parse import parse

    where = parse(filters, ACTIVITIES, casb.clock())
    return [
        row.record_id for row in casb.activities.page(tenant_id, where, order="timestamp", ascending=True, limit=1000)
    ]


def _tag(casb: Casb, tenant_id: int) -> None:
    by_name = dict(casb.catalog.apps.select("name", "app_id").iter_rows())
    for names, tag in ((SANCTIONED, "Sanctioned"), (UNSANCTIONED, "Unsanctioned")):
        for app in filter(None, (casb.catalog.app(by_name[name]) for name in names if name in by_name)):
            casb.tagging.add(tenant_id, app, tag, by=actor())


def _access(casb: Casb, tenant: Tenant) -> dict[str, str]:
    """Create new credentials and return them with the addresses to use; earlier ones stay valid."""
    from opencasb.identity.passwords import hash_password

    user = casb.users.by_upn(tenant.tenant_id, ADMIN)
    assert user is not None  # noqa: S101 -- made with the tenant
    # The same at each start, yet a secret: a tenant's guid appears in every address, so the pepper is needed, too.
    password = f"demo-{casb.identity.pepper.digest('password of the demo', tenant.guid)[:12]}"
    casb.users.set_password(tenant.tenant_id, user.user_id, hash_password(password), by=actor())
    credentials = casb.identity.credentials
    permissions = [parse_permission(name) for name in PERMISSIONS]
    app = casb.identity.applications.create(tenant.tenant_id, "demo client", permissions, by=actor())
    base = casb.settings.effective_public_url
    return {
        "company": tenant.name,
        "server": base,
        "authority": str(casb.tls.authority),
        "portal": f"{base}/portal/",
        "user": ADMIN,
        "password": password,
        "token": credentials.new_api_token(tenant.tenant_id, user.user_id, "demo", by=actor()).value,
        "tenant_id": tenant.guid,
        "client_id": app.client_id,
        "client_secret": credentials.new_client_secret(tenant.tenant_id, app.client_id, by=actor()).value,
        "stream_id": casb.streams.global_view(tenant.tenant_id).stream_id,
        "data": str(casb.settings.data),
    }
