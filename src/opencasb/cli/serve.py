"""``opencasb serve``: the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opencasb.cli.options import data_option, tenant_of

if TYPE_CHECKING:
    from opencasb.app import Opener


@click.command("serve")
@data_option
@click.option("--host", help="Address of the HTTPS server (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the HTTPS server (default 8443).")
@click.option(
    "--http-port", type=click.IntRange(0, 65535), help="Port of plain HTTP on loopback (default 8080, 0 = off)."
)
@click.pass_obj
def command(opener: Opener, data: Path, host: str | None, port: int | None, http_port: int | None) -> None:
    """Start the server: REST API, Graph API, token endpoint, receivers and parsing."""
    with opener.server(data, host=host, port=port, http_port=http_port) as (casb, doors):
        tenant_of(casb, None)
        here = f" (here: port {casb.settings.port})" if casb.settings.public_url else ""
        words = f"OpenCASB answers at {casb.settings.effective_public_url}{here}"
        opener.serve(casb, doors, lambda: click.echo(words, err=True))
