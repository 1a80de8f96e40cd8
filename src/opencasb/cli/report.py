"""``opencasb report``: the reports of discovered apps, read directly from the data directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from opencasb.cli.app_argument import find_app
from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, limit_option, tenant_options, yes_option
from opencasb.cli.output import echo_done, echo_json, echo_list, echo_table
from opencasb.cli.terminal_report import explain_scores, score_text
from opencasb.model.app import LARGEST_APP_ID, TRACKER
from opencasb.model.quantities import bytes_text, count_text, counted
from opencasb.model.visible_text import visible

if TYPE_CHECKING:
    from opencasb.discovery.reports import EntityKind
    from opencasb.governance.pseudonym_resolver import Kind
    from opencasb.model.stream import Stream

HEADINGS: Final = ("app", "name", "score", "users", "transactions", "uploaded", "total")
_DAYS = click.Choice(["7", "30", "90"])


@click.group("report", cls=Group)
def command() -> None:
    """Show the reports of discovered apps.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the reports: Global View, data sources, snapshots.

    JSON: [{"stream_id", "display_name", "stream_type", "created", "last_data_received", ...}], with every setting.
    """
    casb, tenant_id = context.casb, context.tenant_id
    found = casb.streams.reports(tenant_id)
    rows = ((stream.stream_id, stream.stream_type.name.lower(), stream.display_name) for stream in found)
    echo_list(found, ("id", "type", "name"), rows, as_json=as_json)


@command.command("apps")
@click.option("--report", "name", default="Global View", show_default=True, help="Name or id of the report.")
@click.option("--days", type=_DAYS, default="90", show_default=True, help="Days, ending on the newest with data.")
@limit_option("rows on the terminal", 50)
@click.option("--hide-trackers", is_flag=True, help="Leave out advertising and measurement services.")
@tenant_options
def apps(context: CommandContext, as_json: bool, name: str, days: str, limit: int, hide_trackers: bool) -> None:
    """List the apps of a report, most traffic first. JSON: every app, whatever --limit says.

    [{"app_id", "name", "category", "domains", "score", "flags", "listed", "tags", "users", "ip_addresses", "devices",
    "transactions", "blocked_transactions", "uploaded_bytes", "downloaded_bytes", "total_bytes", "first_seen",
    "last_seen"}].
    """
    import polars as pl

    frame = context.casb.reports.apps(context.tenant_id, report_of(context, name).stream_id, int(days))
    if hide_trackers:
        frame = frame.filter(~pl.col("flags").list.contains(TRACKER))
    if as_json:
        echo_json(frame.to_dicts())
        return
    if frame.is_empty():
        click.echo(f"no apps: {name} has no usage in these {days} days", err=True)
    rows = [_row(app) for app in frame.head(limit).iter_rows(named=True)]
    echo_table(HEADINGS, rows)
    if frame.height > limit:
        click.echo(f"and {counted(frame.height - limit, 'more app')}; --limit or --json shows what is left out")
    if rows:
        explain_scores([row[HEADINGS.index("score")] for row in rows])


def _row(app: Mapping[str, Any]) -> tuple[str, ...]:  # values of any column
    return (
        str(app["app_id"]),
        app["name"] + ("" if app["listed"] else " (unlisted)"),
        score_text(app["score"], app["flags"]),
        *(count_text(app[name]) for name in ("users", "transactions")),
        *(bytes_text(app[name]) for name in ("uploaded_bytes", "total_bytes")),
    )


@command.command("entities")
@click.argument("app")
@click.argument("kind", type=click.Choice(["user", "ip", "device", "instance"]))
@click.option("--report", "name", default="Global View", show_default=True, help="Name or id of the report.")
@click.option("--days", type=_DAYS, default="90", show_default=True, help="Days, ending on the newest with data.")
@tenant_options
def entities(context: CommandContext, as_json: bool, app: str, kind: EntityKind, name: str, days: str) -> None:
    """List the users, addresses, devices or instances of APP (id, name or domain). JSON: a list of names."""
    found = context.casb.reports.entities(
        context.tenant_id, report_of(context, name).stream_id, int(days), _app_id(context, app), kind
    )
    if as_json:
        echo_json(found)
        return
    for each in found:
        click.echo(visible(each))


@command.command("users")
@click.option("--app", help="Only use of this app: id, name or domain.")
@click.option("--report", "name", default="Global View", show_default=True, help="Name or id of the report.")
@click.option("--days", type=_DAYS, default="90", show_default=True, help="Days, ending on the newest with data.")
@limit_option("rows on the terminal", 50)
@tenant_options
def users(context: CommandContext, /, as_json: bool, app: str | None, name: str, days: str, limit: int) -> None:
    """List the users of cloud apps, most uploaded bytes first. JSON: every user, whatever --limit says.

    [{"name", "apps", "transactions", "uploaded_bytes", "total_bytes"}].
    """
    app_id, stream = None if app is None else _app_id(context, app), report_of(context, name)
    frame = context.casb.reports.users(context.tenant_id, stream.stream_id, int(days), app_id)
    if as_json:
        echo_json(frame.to_dicts())
        return
    if frame.is_empty():
        click.echo(f"no users: {name} has no usage with user names in these {days} days", err=True)
    echo_table(
        ("user", "apps", "transactions", "uploaded", "total"),
        [
            (user, count_text(apps), count_text(transactions), bytes_text(uploaded), bytes_text(total))
            for user, apps, transactions, uploaded, total in frame.head(limit).iter_rows()
        ],
    )
    if frame.height > limit:
        click.echo(f"and {counted(frame.height - limit, 'more user')}; --limit or --json shows what is left out")


def _app_id(context: CommandContext, given: str) -> int:
    """Return the id of an app; a number need not be one that is still known."""
    number = given.isascii() and given.isdecimal() and len(given) <= len(str(LARGEST_APP_ID))
    return int(given) if number else find_app(context, given).app_id


@command.command("reveal")
@click.argument("kind", type=click.Choice(["user", "device"]))
@click.argument("pseudonym")
@click.option("--justification", required=True, help="Reason; recorded in the governance log.")
@tenant_options
def reveal(context: CommandContext, as_json: bool, kind: Kind, pseudonym: str, justification: str) -> None:
    """Show the name behind a pseudonym. This is recorded in the governance log. JSON: {"kind", "pseudonym", "name"}."""
    owner = context.tenant
    resolve = context.casb.pseudonym_resolver.reveal
    (found,) = resolve(owner.tenant_id, kind, [pseudonym], justification=justification, by=actor())
    if found.name is None:
        raise click.ClickException(f"PSEUDONYM: {pseudonym!r} is not a {kind} pseudonym of this tenant")
    echo_done({"kind": kind, "pseudonym": pseudonym, "name": found.name}, visible(found.name), as_json=as_json)


@command.command("delete")
@click.argument("name")
@tenant_options
@yes_option
def delete(context: CommandContext, /, as_json: bool, name: str, yes: bool) -> None:
    """Delete the snapshot report NAME (name or id) and its usage. JSON: {"deleted"}, its name."""
    from opencasb.discovery.removal import remove_stream

    casb, stream = context.casb, _snapshot(context, name)
    if not yes:
        click.confirm("This also deletes what the report shows. Continue?", abort=True)
    remove_stream(stream, casb.streams, casb.lake, by=actor())
    echo_done({"deleted": stream.display_name}, as_json=as_json)


def _snapshot(context: CommandContext, name: str) -> Stream:
    """Return the only snapshot report with that name or id. Raises ``ClickException`` if there are none or several."""
    every = [stream for stream in context.casb.streams.all(context.tenant_id) if stream.is_snapshot]
    found = [stream for stream in every if name in {stream.stream_id, stream.display_name}]
    if not found:
        raise click.ClickException(f"NAME: there is no snapshot report {name!r} (opencasb report list)")
    if len(found) > 1:
        ids = ", ".join(stream.stream_id for stream in found)
        raise click.ClickException(f"NAME: {len(found)} snapshot reports are named {name!r}; give one of the ids {ids}")
    return found[0]


def report_of(context: CommandContext, name: str) -> Stream:
    """Return the report with that name or id, preferring a continuous one. Raises ``ClickException``."""
    streams, tenant_id = context.casb.streams, context.tenant_id
    streams.global_view(tenant_id)
    found = (
        streams.get(tenant_id, name)
        or streams.by_name(tenant_id, name)
        or streams.by_name(tenant_id, name, snapshot=True)
    )
    if found is None:
        known = ", ".join(stream.display_name for stream in streams.all(tenant_id))
        raise click.ClickException(f"--report: {name!r} is not a report; known: {known}")
    return found
