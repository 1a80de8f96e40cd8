"""``opencasb tag``: sanctioned, unsanctioned, monitored and custom tags of apps."""

from __future__ import annotations

import click

from opencasb.cli.app_argument import find_app
from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_list, explained


@click.group("tag", cls=Group)
def command() -> None:
    """Tag apps. APP is an id, name or domain.

    Sanctioned, Unsanctioned and Monitored are mutually exclusive; any other word is a custom tag, at most 15 per app.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the tags and how many apps have them. JSON: objects {"id", "name", "built_in", "app_ids"}."""
    found = context.casb.tags.all(context.tenant_id)
    records = [{"id": tag.tag_id, "name": tag.name, "built_in": tag.built_in, "app_ids": tag.app_ids} for tag in found]
    echo_list(records, ("tag", "apps"), ((tag.name, len(tag.app_ids)) for tag in found), as_json=as_json)


@command.command("add")
@click.argument("app")
@click.argument("tag")
@tenant_options
def add(context: CommandContext, as_json: bool, app: str, tag: str) -> None:
    """Add the tag TAG to APP. JSON: {"app_id", "name", "tags", "changed"}."""
    _change(context, app, tag, as_json=as_json, given=True)


@command.command("remove")
@click.argument("app")
@click.argument("tag")
@tenant_options
def remove(context: CommandContext, as_json: bool, app: str, tag: str) -> None:
    """Remove the tag TAG from APP. JSON: {"app_id", "name", "tags", "changed"}."""
    _change(context, app, tag, as_json=as_json, given=False)


@command.command("delete")
@click.argument("tag")
@tenant_options
def delete(context: CommandContext, as_json: bool, tag: str) -> None:
    """Delete the custom tag TAG, if no app has it. JSON: {"deleted"}."""
    casb = context.casb
    with explained("TAG"):
        deleted = casb.tags.delete(context.tenant_id, tag, by=actor())
    if not deleted:
        raise click.ClickException(f"TAG: {tag!r} is not a tag")
    echo_done({"deleted": tag}, as_json=as_json)


def _change(context: CommandContext, app: str, tag: str, *, as_json: bool, given: bool) -> None:
    casb, tenant_id = context.casb, context.tenant_id
    found = find_app(context, app)
    change = casb.tagging.add if given else casb.tagging.remove
    with explained("TAG"):
        changed = change(tenant_id, found, tag, by=actor())
    tags = casb.tags.by_app(tenant_id).get(found.app_id, ())
    record = {"app_id": found.app_id, "name": found.name, "tags": tags, "changed": changed}
    echo_done(record, f"{found.name} ({found.app_id}): {', '.join(tags) or 'no tags'}", as_json=as_json)
