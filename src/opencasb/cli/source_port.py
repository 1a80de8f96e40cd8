"""The check that a data source's port is not used by sources of another protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.stream import Stream

STREAMED: Final = ("syslog-tcp", "syslog-tls")
"""Receivers that cannot share a port with each other; sources of the same kind can, and UDP ports are separate."""


def check_port(casb: Casb, fields: Mapping[str, Any], stream: Stream | None = None) -> None:  # values of any field
    """Raise ``BadParameter`` if a source of another kind, in any tenant, uses the port in ``fields``.

    ``stream`` is the source being changed.
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
