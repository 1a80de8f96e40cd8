"""``opencasb unlisted``: domains outside the catalog, and why they look like cloud apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, limit_option, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_table, explained
from opencasb.model.categories import category_id
from opencasb.model.quantities import bytes_text
from opencasb.model.visible_text import visible

if TYPE_CHECKING:
    from opencasb.model.unlisted_profile import Profile


@click.group("unlisted", cls=Group)
def command() -> None:
    """Review used domains outside the catalog, and turn them into custom apps.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@click.option("--confidence", type=click.IntRange(0, 100), default=0, show_default=True, help="Minimum confidence.")
@limit_option("rows on the terminal", 50)
@tenant_options
def list_(context: CommandContext, as_json: bool, confidence: int, limit: int) -> None:
    """List unlisted domains, most likely cloud apps first. JSON: all profiles with the minimum confidence."""
    found = [each for each in context.casb.unlisted.all(context.tenant_id) if each.confidence >= confidence]
    if as_json:
        echo_json(found)
        return
    echo_table(
        ("id", "domain", "confidence", "users", "days", "uploaded", "why"), [_row(each) for each in found[:limit]]
    )
    if len(found) > limit:
        click.echo(f"and {len(found) - limit} more; --limit or --json show them")


def _row(found: Profile) -> tuple[object, ...]:
    why = found.reasons[0].text if found.reasons else "-"
    uploaded = bytes_text(found.uploaded_bytes)
    return found.app_id, visible(found.domain), found.confidence, found.users, found.days, uploaded, visible(why)


@command.command("show")
@click.argument("domain")
@tenant_options
def show(context: CommandContext, as_json: bool, domain: str) -> None:
    """Show what is known about DOMAIN (domain or id): every reason with its points. JSON: the profile."""
    found = _found(context, domain)
    if as_json:
        echo_json(found)
        return
    click.echo(f"{visible(found.domain)}: confidence {found.confidence} of 100 that it is a cloud app")
    for reason in found.reasons:
        click.echo(f"{reason.points:+4}  {visible(reason.text)}")
    click.echo(f"hosts: {visible(', '.join(found.hosts)) or '-'}")


@command.command("promote")
@click.argument("domain")
@click.option("--name", help="Name of the custom app (default: the domain).")
@click.option("--category", default="UNCLASSIFIED", show_default=True, help="Category id, such as CRM.")
@click.option("--score", type=click.IntRange(0, 10), help="0 (risky) to 10 (safe) (default: unscored).")
@click.option("--vendor", help="Vendor.")
@tenant_options
def promote(
    context: CommandContext, /, as_json: bool, domain: str, category: str, **given: Any
) -> None:  # option values
    """Turn DOMAIN (or its id) into a custom app; usage, tags and score override move along. JSON: the app's record."""
    found = _found(context, domain)
    given["category"] = category_id(category)
    with explained("unlisted"):
        made = context.casb.promotion.promote(context.tenant_id, found, by=actor(), **given)
    echo_done(made, f"custom app {made.name}: {made.app_id}", as_json=as_json)


def _found(context: CommandContext, given: str) -> Profile:
    found = context.casb.unlisted.find(context.tenant_id, given)
    if found is None:
        raise click.ClickException(
            f"DOMAIN: {given!r} is no unlisted domain with usage, and no id of one (opencasb unlisted list shows them)"
        )
    return found
