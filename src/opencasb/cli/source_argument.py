"""The data source that a command names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.model.stream import Stream, StreamType

if TYPE_CHECKING:
    from opencasb.cli.options import CommandContext


def data_source(context: CommandContext, name: str) -> Stream:
    """Return the data source of that name. Raises ``ClickException``."""
    stream = context.casb.streams.by_name(context.tenant_id, name)
    if stream is None or stream.stream_type is not StreamType.INPUT:
        raise click.ClickException(f"NAME: there is no data source {name!r}")
    return stream
