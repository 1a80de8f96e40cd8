"""``opencasb source show``, ``warnings`` and ``resolve``: the state of data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.arguments import data_source
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_table, moment
from opencasb.model.visible_text import visible

if TYPE_CHECKING:
    from opencasb.store.source_shapes import SourceWarning

_TIMES = ("last_seen",)


@click.command("show")
@click.argument("name")
@tenant_options
def show(context: CommandContext, /, as_json: bool, name: str) -> None:
    """Show settings, counters and open warnings of the data source NAME. JSON: one object."""
    from opencasb.discovery.source_state import source_state

    casb, stream = context.casb, data_source(context, name)
    state = source_state(casb, stream)
    if as_json:
        echo_json(state)
        return
    echo_table(("what", name), [(label, text) for label, text in map(_line, state.items()) if text])
    _tell(casb.source_shapes.warnings(stream.tenant_id, stream.stream_id))


@click.command("warnings")
@click.argument("name", required=False)
@click.option("--resolved", is_flag=True, help="Include resolved warnings.")
@tenant_options
def warnings_(context: CommandContext, /, as_json: bool, name: str | None, resolved: bool) -> None:
    """List format drift warnings, of one data source or all. JSON: a list."""
    from opencasb.discovery.source_state import warning_record

    stream_id = data_source(context, name).stream_id if name else None
    found = context.casb.source_shapes.warnings(context.tenant_id, stream_id, resolved=resolved)
    if as_json:
        echo_json([warning_record(each) for each in found])
    else:
        _tell(found)


@click.command("resolve")
@click.argument("warning")
@tenant_options
def resolve(context: CommandContext, /, as_json: bool, warning: str) -> None:
    """Mark the warning with the id WARNING as resolved. JSON: {"resolved"}."""
    if not context.casb.source_shapes.resolve(context.tenant_id, warning, actor()):
        raise click.ClickException(f"WARNING: there is no open warning {warning!r}")
    echo_done({"resolved": warning}, as_json=as_json)


def _line(field: tuple[str, Any]) -> tuple[str, str]:  # a value of any field
    """Return a field as text, empty if it has no value to show."""
    name, value = field
    if name in _TIMES:
        return name.replace("_", " "), moment(value)
    if isinstance(value, list | dict):
        return name, ""
    if isinstance(value, bool):
        value = "yes" if value else ""
    return name.replace("_", " "), "" if value is None else str(value)


def _tell(warnings: list[SourceWarning]) -> None:
    for each in warnings:
        state = f" (resolved by {each.resolved_by})" if each.resolved else ""
        click.echo(f"\n{moment(each.raised)}  {each.warning_id}  {each.kind}: {each.text}{state}")
        for title, lines in (("before", each.before), ("after", each.after)):
            for line in lines[:2]:
                click.echo(f"  {title:6}  {visible(line)}")
