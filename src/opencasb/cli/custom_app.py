"""``opencasb custom-app``: apps that a tenant defines itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, all_of, tenant_options
from opencasb.cli.output import echo_done, echo_list, explained
from opencasb.model.categories import PREFIX, category_id

if TYPE_CHECKING:
    from opencasb.model.app import CustomApp


@click.group("custom-app", cls=Group)
def command() -> None:
    """Manage custom apps: from now on, traffic to their domains and networks is reported under their name.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


_field_options = all_of(
    click.option("--domain", "domains", multiple=True, help="Domain of the app; repeatable."),
    click.option("--network", "networks", multiple=True, help="Address or block (CIDR) of the app; repeatable."),
    click.option("--category", help="Category id, such as CLOUD_STORAGE (default when created: UNCLASSIFIED)."),
    click.option(
        "--score", type=click.IntRange(0, 10), help="0 (risky) to 10 (safe) (default when created: unscored)."
    ),
    click.option("--vendor", help="Vendor of the app."),
    click.option("--notes", help="Description for colleagues."),
)


@command.command("create")
@click.option("--name", required=True, help="Name of the app.")
@_field_options
@tenant_options
def create(context: CommandContext, /, as_json: bool, **given: Any) -> None:  # option values
    """Define a custom app. JSON: the app's record."""
    casb = context.casb
    with explained("custom-app"):
        made = casb.custom_apps.create(context.tenant_id, by=actor(), **_fields(given))
    _show(made, as_json=as_json)


@command.command("set")
@click.argument("app")
@click.option("--name", help="New name of the app.")
@_field_options
@click.option("--unscored", is_flag=True, help="Remove the score.")
@tenant_options
def set_(context: CommandContext, /, as_json: bool, app: str, unscored: bool, **given: Any) -> None:  # option values
    """Change the given settings of the custom app APP (id or name). JSON: the app's record.

    --domain replaces all domains of the app, --network all networks.
    """
    changes = _fields(given)
    if unscored:
        changes["score"] = None
    if not changes:
        raise click.UsageError("nothing to change: give at least one option")
    casb, tenant_id = context.casb, context.tenant_id
    with explained("custom-app"):
        changed = casb.custom_apps.update(tenant_id, _app_id(context, app), by=actor(), **changes)
    if changed is None:
        raise click.ClickException(f"APP: {app!r} has just been deleted")
    _show(changed, as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the custom apps. JSON: their records."""
    found = context.casb.custom_apps.all(context.tenant_id)
    rows = (
        (
            app.app_id,
            app.name,
            app.category.removeprefix(PREFIX),
            "unscored" if app.score is None else app.score,
            " ".join((*app.domains, *app.networks)),
        )
        for app in found
    )
    echo_list(found, ("id", "name", "category", "score", "domains and networks"), rows, as_json=as_json)


@command.command("delete")
@click.argument("app")
@tenant_options
def delete(context: CommandContext, as_json: bool, app: str) -> None:
    """Delete the custom app APP (id or name). Its past usage keeps its name.

    JSON: {"deleted"}, the app's id.
    """
    app_id = _app_id(context, app)
    context.casb.custom_apps.delete(context.tenant_id, app_id, by=actor())
    echo_done({"deleted": app_id}, as_json=as_json)


def _app_id(context: CommandContext, given: str) -> int:
    for app in context.casb.custom_apps.all(context.tenant_id):
        if given.casefold() in (str(app.app_id), app.name.casefold()):
            return app.app_id
    raise click.ClickException(f"APP: {given!r} is no id or name of a custom app")


def _fields(options: dict[str, Any]) -> dict[str, Any]:  # option values
    fields = {name: value for name, value in options.items() if value not in (None, ())}
    if "category" in fields:
        fields["category"] = category_id(fields["category"])
    return fields


def _show(app: CustomApp, *, as_json: bool) -> None:
    echo_done(app, f"custom app {app.name}: {app.app_id}", as_json=as_json)
