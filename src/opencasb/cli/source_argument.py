"""The data source that a command names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.stream import Stream


def data_source(casb: Casb, tenant_id: int, name: str) -> Stream:
    """Return the data source of that name. Raises ``ClickException``."""
    from opencasb.model.stream import StreamType

    stream = casb.streams.by_name(tenant_id, name)
    if stream is None or stream.stream_type is not StreamType.INPUT:
        raise click.ClickException(f"NAME: there is no data source {name!r}")
    return stream
