"""The data source that a command names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.model.stream import Stream, StreamType

if TYPE_CHECKING:
    from opencasb.cli.options import Here


def data_source(here: Here, name: str) -> Stream:
    """Return the data source of that name. Raises ``ClickException``."""
    stream = here.casb.streams.by_name(here.tenant_id, name)
    if stream is None or stream.stream_type is not StreamType.INPUT:
        raise click.ClickException(f"NAME: there is no data source {name!r}")
    return stream
