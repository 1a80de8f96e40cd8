"""The data source that a command names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from opencasb.cli.options import Here
    from opencasb.model.stream import Stream


def data_source(here: Here, name: str) -> Stream:
    """Return the data source of that name. Raises ``ClickException``."""
    from opencasb.model.stream import StreamType

    stream = here.casb.streams.by_name(here.tenant_id, name)
    if stream is None or stream.stream_type is not StreamType.INPUT:
        raise click.ClickException(f"NAME: there is no data source {name!r}")
    return stream
