"""``opencasb keys``: the token signing keys, shared by all tenants of the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opencasb.cli.help_text import Group
from opencasb.cli.options import actor, data_option, json_option
from opencasb.cli.output import echo_list, moment

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.program import Opener


@click.group("keys", cls=Group)
def command() -> None:
    """Manage the token signing keys, which all tenants of the server share.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage.
    """


@command.command("list")
@data_option
@json_option
@click.pass_obj
def list_(opener: Opener, data: Path, as_json: bool) -> None:
    """List the published keys. JSON: [{"key_id", "state", "created", "signs_from", "signs_until", "removed"}]."""
    _report(opener.open(data), as_json=as_json)


@command.command("rotate")
@data_option
@json_option
@click.pass_obj
def rotate(opener: Opener, data: Path, as_json: bool) -> None:
    """Switch to the next key once it has been published for a day. Issued tokens stay valid. JSON: as for list."""
    casb = opener.open(data)
    casb.identity.keyring.rotate(by=actor())
    _report(casb, as_json=as_json)


@command.command("emergency")
@data_option
@json_option
@click.pass_obj
def emergency(opener: Opener, data: Path, as_json: bool) -> None:
    """Replace all keys at once, for example after a leak: every issued access token becomes invalid.

    Refresh tokens and sessions stay valid. JSON: as for list.
    """
    casb = opener.open(data)
    casb.identity.keyring.emergency(by=actor())
    _report(casb, as_json=as_json)


def _report(casb: Casb, *, as_json: bool) -> None:
    from opencasb.identity.signing_key_record import signing_key_records

    found = signing_key_records(casb.identity.keyring)
    rows = (
        (
            each["key_id"],
            each["state"],
            moment(each["signs_from"]),
            moment(each["signs_until"], absent="open"),
            moment(each["removed"], absent="open"),
        )
        for each in found
    )
    echo_list(found, ("key id", "state", "signs from", "until", "published until"), rows, as_json=as_json)
