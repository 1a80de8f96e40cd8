"""``opencasb source``: data sources, and the receivers that feed them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from opencasb.cli.arguments import data_source
from opencasb.cli.help_text import Group, examples
from opencasb.cli.options import CommandContext, actor, all_of, tenant_options, yes_option
from opencasb.cli.output import echo_done, echo_list, explained, moment
from opencasb.cli.source_binding import bind
from opencasb.cli.source_port import check_port
from opencasb.cli.source_state import resolve, show, warnings_
from opencasb.model.stream import Stream, StreamType, checked_source_name
from opencasb.model.written_line import checked_note

UPLOAD = "upload"
RECEIVERS = ("syslog-udp", "syslog-tcp", "syslog-tls", "ftp", "ftps", "sftp", "object-store", "folder", UPLOAD)


@click.group("source", cls=Group)
def command() -> None:
    """Manage data sources and their receivers. A running server applies changes within seconds.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


for each in (bind, resolve, show, warnings_):
    command.add_command(each)


_field_options = all_of(
    click.option("--receiver", type=click.Choice(RECEIVERS), help="How logs arrive (default when created: upload)."),
    click.option("--port", type=click.IntRange(1, 65535), help="Port of a syslog receiver."),
    click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Directory of a folder receiver."),
    click.option("--timezone", help="Time zone of local times in the log (default when created: UTC)."),
    click.option(
        "--anonymize-users/--no-anonymize-users", default=None, help="Store pseudonyms instead of user names."
    ),
    click.option(
        "--anonymize-machines/--no-anonymize-machines",
        default=None,
        help="Store pseudonyms instead of device names.",
    ),
    click.option("--parser", help="Custom parser for its logs; '' = none."),
    click.option("--comment", help="Description of the source."),
)


@command.command(
    "create",
    epilog=examples(
        "source create --name edge --source SQUID_NATIVE --receiver syslog-tcp --port 6514",
        "source create --name drop --source BLUECOAT --receiver folder --folder /srv/logs",
    ),
)
@click.option("--name", required=True, help="Name of the data source: 1-64 letters, digits, - and _.")
@click.option("--source", required=True, help="Source type, for example SQUID_NATIVE (opencasb format list).")
@_field_options
@tenant_options
def create(context: CommandContext, /, as_json: bool, **given: Any) -> None:  # option values
    """Create a data source. JSON: a list with its record."""
    fields = _checked(_given(given))
    casb, tenant_id = context.casb, context.tenant_id
    with explained("--parser"):
        casb.parsers.known(tenant_id, fields.get("parser", ""))
    check_port(casb, fields)
    with _own_name(fields["display_name"]):
        made = casb.streams.create(tenant_id, stream_type=StreamType.INPUT, by=actor(), **fields)
    _show([made], as_json=as_json)


@command.command("set")
@click.argument("source_name", metavar="NAME")
@click.option("--name", help="New name: 1-64 letters, digits, - and _.")
@click.option("--source", help="Source type of logs from now on.")
@_field_options
@tenant_options
def set_(context: CommandContext, /, as_json: bool, source_name: str, **given: Any) -> None:  # option values
    """Change the given settings of the data source NAME, for logs from now on. JSON: a list with its record."""
    casb, tenant_id = context.casb, context.tenant_id
    stream = data_source(context, source_name)
    changes = _checked(_given(given), stream)
    if not changes:
        raise click.UsageError("nothing to change: give at least one option")
    with explained("--parser"):
        casb.parsers.known(tenant_id, changes.get("parser", ""))
    check_port(casb, changes, stream)
    with _own_name(changes.get("display_name", "")):
        casb.streams.update(tenant_id, stream.stream_id, by=actor(), **changes)
    _show([data_source(context, changes.get("display_name", source_name))], as_json=as_json)


@command.command("list")
@tenant_options
def list_(context: CommandContext, /, as_json: bool) -> None:
    """List the data sources. JSON: as for opencasb report list."""
    found = context.casb.streams.all(context.tenant_id)
    _show([stream for stream in found if stream.stream_type is StreamType.INPUT], as_json=as_json)


@command.command("delete")
@click.argument("name")
@tenant_options
@yes_option
def delete(context: CommandContext, /, as_json: bool, name: str, yes: bool) -> None:
    """Delete a data source and its usage. JSON: {"deleted"}, its name."""
    from opencasb.discovery.removal import remove_stream

    casb, stream = context.casb, data_source(context, name)
    if not yes:
        click.confirm("This also deletes what the source has reported. Continue?", abort=True)
    remove_stream(stream, casb.streams, casb.lake, by=actor())
    echo_done({"deleted": stream.display_name}, as_json=as_json)


@contextmanager
def _own_name(name: str) -> Iterator[None]:
    import sqlalchemy.exc

    try:
        yield
    except sqlalchemy.exc.IntegrityError:
        raise click.ClickException(f"--name: {name!r} is taken by another data source") from None


def _given(options: dict[str, Any]) -> dict[str, Any]:  # option values
    """Return the given fields of a stream."""
    fields = {name: value for name, value in options.items() if value is not None}
    if "name" in fields:
        fields["display_name"] = fields.pop("name")
    if fields.get("receiver") == UPLOAD:
        fields["receiver"] = ""
    if "folder" in fields:
        fields["folder"] = str(fields["folder"].resolve())
    return fields


def _checked(fields: dict[str, Any], stream: Stream | None = None) -> dict[str, Any]:  # values of any field
    """Return the checked fields, with those of the receiver adapted to it; ``stream`` is the one to change, if any."""
    try:
        checked_source_name(fields.get("display_name", "a"))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--name") from None
    try:
        checked_note(fields.get("comment", ""), "comment")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--comment") from None
    if fields.get("timezone", "UTC") not in zoneinfo.available_timezones():
        raise click.BadParameter(f"{fields['timezone']!r} is not an IANA time zone", param_hint="--timezone")
    if "source" in fields:
        fields["source"] = _source_type(fields["source"])
    return {**fields, **_place(fields, stream)} if fields.keys() & {"receiver", "port", "folder"} else fields


def _source_type(name: str) -> str:
    from opencasb.discovery.intake import UnknownSourceType, checked_source

    try:
        return checked_source(name)
    except UnknownSourceType as error:
        raise click.BadParameter(str(error), param_hint="--source") from None


def _place(fields: dict[str, Any], stream: Stream | None) -> dict[str, Any]:  # values of any field
    """Return the receiver's port or folder, and reset those of other receiver kinds."""
    receiver = fields.get("receiver", stream.receiver if stream else "")
    port = fields.get("port", stream.port if stream else None)
    folder = fields.get("folder", stream.folder if stream else "")
    if receiver.startswith("syslog") and port is None:
        raise click.BadParameter(f"a {receiver} receiver needs a port", param_hint="--port")
    if receiver == "folder" and not folder:
        raise click.BadParameter("a folder receiver needs a directory", param_hint="--folder")
    if "port" in fields and not receiver.startswith("syslog"):
        raise click.BadParameter(f"a receiver {receiver or UPLOAD!r} has no port", param_hint="--port")
    if "folder" in fields and receiver != "folder":
        raise click.BadParameter(f"a receiver {receiver or UPLOAD!r} has no directory", param_hint="--folder")
    return {
        "receiver": receiver,
        "port": port if receiver.startswith("syslog") else None,
        "folder": folder if receiver == "folder" else "",
    }


def _show(streams: list[Stream], *, as_json: bool) -> None:
    rows = (
        (each.stream_id, each.display_name, each.source, _receiver(each), moment(each.last_data_received))
        for each in streams
    )
    echo_list(streams, ("id", "name", "source type", "receiver", "last data"), rows, as_json=as_json)


def _receiver(stream: Stream) -> str:
    return f"{stream.receiver} {stream.port or stream.folder}".strip() if stream.receiver else UPLOAD
