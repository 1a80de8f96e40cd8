"""``opencasb source bind``: which senders a receiver accepts logs from, and with which credentials."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import click

from opencasb.cli.arguments import data_source
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done

SHORTEST_SECRET = 24
"""Random bytes in a generated password."""


@click.command("bind")
@click.argument("name")
@click.option("--sender", help="Syslog: only from this address or CIDR block; empty = any.")
@click.option("--host-name", help="Syslog: only with this host name in the header; empty = any.")
@click.option("--app-name", help="Syslog: only with this application in the header; empty = any.")
@click.option("--login", help="FTP, FTPS, SFTP: login name; empty = none.")
@click.option("--password-file", type=click.File(), help="File with the password; - = standard input.")
@click.option("--new-password", is_flag=True, help="Generate a password and show it once.")
@click.option("--public-key", type=click.File(), help="SFTP: file of public keys, one per line.")
@click.option("--url", help="Object store: prefix such as s3://bucket/logs/.")
@tenant_options
def bind(context: CommandContext, /, as_json: bool, name: str, **given: Any) -> None:
    """Bind the receiver of the data source NAME to senders, a login or a bucket; other settings are kept.

    JSON: {"name", "login", "password"}; the password only if one was generated now.
    """
    import sqlalchemy.exc

    casb, tenant_id = context.casb, context.tenant_id
    stream = data_source(context, name)
    fields, password = _fields(given)
    if not fields:
        raise click.UsageError("nothing to change: give at least one option")
    try:
        made = casb.bindings.change(tenant_id, stream.stream_id, by=actor(), target=stream.display_name, **fields)
    except sqlalchemy.exc.IntegrityError:
        raise click.ClickException(f"--login: {fields['login']!r} is taken by another data source") from None
    record = {"name": stream.display_name, "login": made.login, "password": password}
    echo_done(record, f"Password of {made.login}: {password}" if password else "", as_json=as_json)


def _fields(given: dict[str, Any]) -> tuple[dict[str, Any], str | None]:  # values of any option
    """Return the checked fields of a binding, and the generated password if there is one."""
    fields: dict[str, Any] = {}
    for name, check in _CHECKS.items():
        if given[name] is not None:
            fields[name] = check(given[name])
    if given["login"] is not None:
        fields["login"] = _login(given["login"])
    made = secrets.token_urlsafe(SHORTEST_SECRET) if given["new_password"] else None
    password = given["password_file"].read().rstrip("\r\n") if given["password_file"] else made
    if password is not None:
        fields["password_hash"] = _hashed(password)
    if given["public_key"]:
        fields["public_keys"] = _keys(given["public_key"].read())
    return fields, made if password == made else None


def _sender(text: str) -> str:
    from opencasb.discovery.receivers.routing import network_of

    try:
        network = network_of(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}", param_hint="--sender") from None
    return str(network) if network else ""


def _word(option: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not text.isprintable() or " " in text or len(text) > 255:
            raise click.BadParameter(f"{text!r} must be one word of at most 255 characters", param_hint=option)
        return text

    return check


def _url(text: str) -> str:
    from opencasb.discovery.receivers.objects import checked_url

    try:
        return checked_url(text) if text else ""
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None


def _login(text: str) -> str | None:
    if text and not re.fullmatch(r"[A-Za-z0-9._@-]{1,64}", text):
        raise click.BadParameter(f"{text!r} must be 1-64 letters, digits, . _ @ and -", param_hint="--login")
    return text or None


def _hashed(password: str) -> str:
    from opencasb.identity.passwords import hash_password

    try:
        return hash_password(password)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--password-file") from None


def _keys(text: str) -> str:
    import asyncssh

    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for line in lines:
        try:
            asyncssh.import_public_key(line)
        except asyncssh.KeyImportError as error:
            raise click.BadParameter(f"{line[:40]!r} is no public key: {error}", param_hint="--public-key") from None
    return "\n".join(lines)


_CHECKS: dict[str, Callable[[str], str]] = {
    "sender": _sender,
    "host_name": _word("--host-name"),
    "app_name": _word("--app-name"),
    "url": _url,
}
