"""``opencasb source``: data sources, and the receivers that feed them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import actor, json_option, tenant_of, tenant_options
from opencasb.cli.output import echo_json, echo_table

if TYPE_CHECKING:
    from opencasb.app import Opener
    from opencasb.model.stream import Stream

RECEIVERS = ("syslog-udp", "syslog-tcp", "syslog-tls", "folder")


@click.group("source")
def command() -> None:
    """Keep data sources and their receivers. A running server notices changes within seconds."""


@command.command("create")
@click.option("--name", required=True, help="Name of the data source: 1-64 letters, digits, - and _.")
@click.option("--source", required=True, help="Source type, for example SQUID_NATIVE (opencasb format list).")
@click.option("--receiver", type=click.Choice(RECEIVERS), help="How logs come by themselves; without it, by upload.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of a syslog receiver.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Directory of a folder receiver.")
@click.option("--timezone", default="UTC", show_default=True, help="Time zone of local times in the log.")
@click.option("--anonymize-users", is_flag=True, help="Keep pseudonyms instead of user names.")
@click.option("--anonymize-machines", is_flag=True, help="Keep pseudonyms instead of device names.")
@click.option("--comment", default="", help="What this source is.")
@tenant_options
@json_option
def create(opener: Opener, /, data: Path, tenant: str | None, as_json: bool, **given: Any) -> None:  # option values
    """Add a data source."""
    import sqlalchemy.exc

    from opencasb.discovery.intake import UnknownSource, checked_source
    from opencasb.model.stream import StreamType

    fields = _checked(given)
    try:
        fields["source"] = checked_source(given["source"])
    except UnknownSource as error:
        raise click.BadParameter(str(error), param_hint="--source") from None
    casb = opener.open(data)
    tenant_id = tenant_of(casb, tenant).tenant_id
    try:
        made = casb.streams.create(tenant_id, given["name"], StreamType.INPUT, **fields)
    except sqlalchemy.exc.IntegrityError:
        raise click.ClickException(f"--name: {given['name']!r} is taken by another data source") from None
    casb.identity.audit_log.add(tenant_id, "data_source.create", by=actor(), target=made.display_name)
    _show([made], as_json=as_json)


@command.command("list")
@tenant_options
@json_option
def list_(opener: Opener, /, data: Path, tenant: str | None, as_json: bool) -> None:
    """List the data sources."""
    from opencasb.model.stream import StreamType

    casb = opener.open(data)
    found = casb.streams.all(tenant_of(casb, tenant).tenant_id)
    _show([stream for stream in found if stream.stream_type is StreamType.INPUT], as_json=as_json)


@command.command("delete")
@click.argument("name")
@tenant_options
@click.confirmation_option(prompt="This also deletes what the source has reported. Go on?")
def delete(opener: Opener, /, data: Path, tenant: str | None, name: str) -> None:
    """Remove a data source and its usage."""
    from opencasb.lake.maintenance import forget_stream
    from opencasb.model.stream import StreamType

    casb = opener.open(data)
    tenant_id = tenant_of(casb, tenant).tenant_id
    stream = casb.streams.by_name(tenant_id, name)
    if stream is None or stream.stream_type is not StreamType.INPUT:
        raise click.ClickException(f"NAME: there is no data source {name!r}")
    casb.streams.delete(tenant_id, stream.stream_id)
    forget_stream(casb.lake, tenant_id, stream.stream_id)
    casb.identity.audit_log.add(tenant_id, "data_source.delete", by=actor(), target=stream.display_name)


def _checked(given: dict[str, Any]) -> dict[str, Any]:  # option values
    import re
    import zoneinfo

    receiver, port, folder = given["receiver"] or "", given["port"], given["folder"]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given["name"]):
        raise click.BadParameter(f"{given['name']!r} must be 1-64 letters, digits, - and _", param_hint="--name")
    if receiver.startswith("syslog") and port is None:
        raise click.BadParameter(f"a {receiver} receiver needs a port", param_hint="--port")
    if receiver == "folder" and folder is None:
        raise click.BadParameter("a folder receiver needs a directory", param_hint="--folder")
    if given["timezone"] not in zoneinfo.available_timezones():
        raise click.BadParameter(f"{given['timezone']!r} is not an IANA time zone", param_hint="--timezone")
    kept = ("timezone", "anonymize_users", "anonymize_machines", "comment")
    place = str(folder.resolve()) if receiver == "folder" else ""
    used_port = port if receiver.startswith("syslog") else None
    return {"receiver": receiver, "port": used_port, "folder": place, **{name: given[name] for name in kept}}


def _show(streams: list[Stream], *, as_json: bool) -> None:
    if as_json:
        echo_json(streams)
        return
    rows = [(each.stream_id, each.display_name, each.source, _receiver(each)) for each in streams]
    echo_table(("id", "name", "source type", "receiver"), rows)


def _receiver(stream: Stream) -> str:
    return f"{stream.receiver} {stream.port or stream.folder}" if stream.receiver else "upload"
