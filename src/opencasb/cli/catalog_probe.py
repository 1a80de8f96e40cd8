"""``opencasb catalog probe``: optional measurement of apps over the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from opencasb.cli.app_argument import find_app
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_json, echo_table

if TYPE_CHECKING:
    from opencasb.model.app import App
    from opencasb.model.measurement import Measurement


@click.command("probe")
@click.argument("apps", metavar="[APP]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Measure every catalog app used in the last 90 days.")
@click.option("--show", is_flag=True, help="Only show previous results.")
@tenant_options
def probe(context: CommandContext, /, as_json: bool, apps: tuple[str, ...], everything: bool, show: bool) -> None:
    """Visit the main domain of each APP (id, name or domain) and store what TLS, web pages and domain registry show.

    Only apps in use by the tenant are visited, one every two seconds, at public addresses. Results become dated facts
    of the tenant's catalog. JSON: [{"app_id", "name", "host", "address", "measured", "certificate_expires", "facts",
    "problems"}].

    Exit codes: 0 success; 1 some APP cannot be visited, stderr says why; 2 wrong usage.
    """
    if bool(apps) == everything and not show:
        raise click.UsageError("give either APP or --all")
    casb, tenant_id = context.casb, context.tenant_id
    if show:
        found = _kept(context, apps)
    else:
        found = [_record(*each) for each in casb.prober.run(tenant_id, _chosen(context, apps), by=actor())]
    if as_json:
        echo_json(found)
        return
    for record in found:
        _echo(record)


def _chosen(context: CommandContext, given: tuple[str, ...]) -> list[App]:
    used = {app.app_id: app for app in context.casb.prober.discovered(context.tenant_id)}
    if not given:
        return list(used.values())
    wanted = {find_app(context, text).app_id: text for text in given}
    if strange := [text for app_id, text in wanted.items() if app_id not in used]:
        raise click.ClickException(f"APP: {strange[0]!r} is no listed app that was used in the last 90 days")
    return [used[app_id] for app_id in wanted]


def _kept(context: CommandContext, given: tuple[str, ...]) -> list[dict[str, Any]]:  # JSON
    wanted = {find_app(context, text).app_id for text in given}
    catalog, known = context.casb.reports.catalog(context.tenant_id), context.casb.probes.all(context.tenant_id)
    apps = [(catalog.app(app_id), measured) for app_id, measured in known.items() if not wanted or app_id in wanted]
    return [_record(app, measured) for app, measured in apps if app is not None]


def _record(app: App, measured: Measurement) -> dict[str, Any]:  # JSON
    return {"app_id": app.app_id, "name": app.name, **msgspec.structs.asdict(measured)}


_WORDS: Final = {True: "yes", False: "no"}


def _echo(record: dict[str, Any]) -> None:  # JSON
    click.echo(f"{record['name']} ({record['host']}, {record['address'] or 'no public address'})")
    values = [(fact.factor, _WORDS.get(fact.value, fact.value), fact.method) for fact in record["facts"]]
    echo_table(("factor", "value", "how"), values)
    for problem in record["problems"]:
        click.echo(f"not measured: {problem}", err=True)
    click.echo()
