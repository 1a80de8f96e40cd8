"""The port that a command gives a data source, which sources of another protocol may have already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.stream import Stream

STREAMED: Final = ("syslog-tcp", "syslog-tls")
"""Receivers of which only one kind can have a port; any number of sources of one kind share it, and UDP is apart."""


def check_port(casb: Casb, fields: Mapping[str, Any], stream: Stream | None = None) -> None:  # values of any field
    """Raise ``BadParameter`` if the port in ``fields`` is taken by a source of another kind, of any tenant.

    ``stream`` is the source that is changed.
    """
    receiver, port = fields.get("receiver"), fields.get("port")
    if receiver not in STREAMED:
        return
    for each in casb.streams.listening():
        others = stream is None or each.stream_id != stream.stream_id
        if others and each.port == port and each.receiver in STREAMED and each.receiver != receiver:
            raise click.BadParameter(
                f"{port} is the port of {each.display_name!r}, a {each.receiver} receiver", param_hint="--port"
            )
