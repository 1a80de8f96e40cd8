"""``opencasb ip-range``: addresses with a name, a category and tags."""

from __future__ import annotations

from typing import Any, Final

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_list, explained

CATEGORIES: Final = ("none", "corporate", "administrative", "risky", "vpn", "cloud-provider", "other")
"""Names of the category numbers 0 to 6."""


@click.group("ip-range", cls=Group)
def command() -> None:
    """Manage IP ranges: new activities from their addresses get their category and tags.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@tenant_options
def list_(context: CommandContext, as_json: bool) -> None:
    """List the ranges. JSON: their records as in the REST API."""
    found = context.casb.ip_ranges.all(context.tenant_id)
    rows = (
        (
            each["_id"],
            each["name"],
            CATEGORIES[each["category"]],
            " ".join(subnet["originalString"] for subnet in each["subnets"]),
            ", ".join(tag["name"] for tag in each["tags"]),
        )
        for each in found
    )
    echo_list(found, ("id", "name", "category", "addresses", "tags"), rows, as_json=as_json)


@command.command("add")
@click.argument("name")
@click.argument("subnets", nargs=-1, required=True, metavar="ADDRESS...")
@click.option(
    "--category", type=click.Choice(CATEGORIES), default="other", show_default=True, help="Category of the addresses."
)
@click.option("--tag", "tags", multiple=True, help="Tag by name or id; repeatable. A new name creates a tag.")
@click.option("--organization", help="Internet provider shown for the addresses.")
@tenant_options
def add(context: CommandContext, /, as_json: bool, category: str, **given: Any) -> None:  # option values
    """Add a range of one or more addresses or blocks (CIDR). JSON: the range's record."""
    from opencasb.store.ip_range_documents import RangeRule

    casb = context.casb
    rule = RangeRule(category=CATEGORIES.index(category), **given)
    with explained("ip-range"):
        made = casb.ip_ranges.create(context.tenant_id, rule, by=actor())
    echo_done(made, f"IP range {made['name']}: {made['_id']}", as_json=as_json)


@command.command("delete")
@click.argument("range_", metavar="RANGE")
@tenant_options
def delete(context: CommandContext, as_json: bool, range_: str) -> None:
    """Delete the range RANGE (id or name). Existing activities keep their category and tags.

    JSON: {"deleted"}, its id.
    """
    casb, tenant_id = context.casb, context.tenant_id
    names = {
        name.lower(): each["_id"] for each in casb.ip_ranges.all(tenant_id) for name in (each["name"], each["_id"])
    }
    range_id = names.get(range_.strip().lower())
    if range_id is None or not casb.ip_ranges.delete(tenant_id, range_id, by=actor()):
        raise click.ClickException(f"RANGE: {range_!r} is no id or name of an IP range")
    echo_done({"deleted": range_id}, as_json=as_json)
