"""``opencasb serve``: the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opencasb.cli.options import data_option, json_option, tenant_of
from opencasb.cli.output import echo_json

if TYPE_CHECKING:
    from opencasb.program import Opener
    from opencasb.settings import Settings


@click.command("serve")
@data_option
@click.option("--host", help="Address for HTTPS and receivers (default 127.0.0.1; 0.0.0.0 = all interfaces).")
@click.option("--port", type=click.IntRange(0, 65535), help="HTTPS port (default 8443).")
@click.option("--http-port", type=click.IntRange(0, 65535), help="Plain HTTP port on loopback (default 8080, 0 = off).")
@json_option
@click.pass_obj
def command(
    opener: Opener, data: Path, as_json: bool, host: str | None, port: int | None, http_port: int | None
) -> None:
    """Start the server: portal, APIs, token endpoint, log receivers and parsing.

    JSON, once it is up: {"address"}.

    Exit codes: 0 stopped by SIGINT or SIGTERM; 1 failed, stderr says why; 2 wrong usage or setting.
    """
    with opener.server(data, host=host, port=port, http_port=http_port) as (casb, sockets):
        tenant_of(casb, None)
        opener.serve(casb, sockets, lambda: _ready(casb.settings, as_json=as_json))


def _ready(settings: Settings, *, as_json: bool) -> None:
    address = settings.effective_public_url
    if as_json:
        echo_json({"address": address})
    else:
        here = f" (here: port {settings.port})" if settings.public_url else ""
        click.echo(f"OpenCASB answers at {address}{here}", err=True)
