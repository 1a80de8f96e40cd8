"""``opencasb app``: redirects, certificates and requested permissions."""

from __future__ import annotations

from pathlib import Path

import click

from opencasb.cli.application import opened, report
from opencasb.cli.options import EXISTING_FILE, CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_list, explained, moment
from opencasb.identity.application_record import full_record
from opencasb.model.permissions import PermissionKind, parse_permission
from opencasb.model.registration import RequestedPermission

_delegated_option = click.option(
    "--delegated", is_flag=True, help="Delegated (for a signed-in user) instead of application permission."
)


@click.command("add-redirect")
@click.argument("client_id")
@click.argument("uri")
@click.option(
    "--kind",
    type=click.Choice(["web", "spa", "publicClient"]),
    default="web",
    show_default=True,
    help="Server, page in a browser, or program on a device.",
)
@tenant_options
def add_redirect(context: CommandContext, as_json: bool, client_id: str, uri: str, kind: str) -> None:
    """Register a redirect URI for sign-ins. JSON: the application.

    Must be https://, except http://localhost and http://127.0.0.1, for which any port matches.
    """
    casb, found = opened(context, client_id)
    with explained("URI"):
        casb.identity.registrations.add_redirect(found, kind, uri, by=actor())
    report(casb, found, f"redirect {uri}: {kind}", as_json=as_json)


@click.command("remove-redirect")
@click.argument("client_id")
@click.argument("uri")
@tenant_options
def remove_redirect(context: CommandContext, as_json: bool, client_id: str, uri: str) -> None:
    """Remove a redirect URI. JSON: the application."""
    casb, found = opened(context, client_id)
    with explained("CLIENT_ID"):
        gone = casb.identity.registrations.remove_redirect(found, uri, by=actor())
    if not gone:
        raise click.ClickException(f"URI: {uri!r} is not a redirect of the application (opencasb app show)")
    report(casb, found, f"removed {uri}", as_json=as_json)


@click.command("add-certificate")
@click.argument("client_id")
@click.argument("file", type=EXISTING_FILE)
@click.option("--description", default="", help="Purpose of the certificate.")
@tenant_options
def add_certificate(context: CommandContext, as_json: bool, client_id: str, file: Path, description: str) -> None:
    """Register the certificate in FILE (PEM or DER), for signing in without a secret.

    JSON: {"key_id", "sha1", "sha256", "expires"}.
    """
    from opencasb.identity.registrations import LARGEST_CERTIFICATE

    casb, found = opened(context, client_id)
    with file.open("rb") as stream:
        content = stream.read(LARGEST_CERTIFICATE + 1)
    with explained("FILE"):
        made = casb.identity.registrations.add_certificate(found, content, description=description, by=actor())
    record = {"key_id": made.key_id, "sha1": made.sha1, "sha256": made.sha256, "expires": made.expires}
    said = f"certificate {made.key_id}: x5t {made.sha1}, valid until {moment(made.expires)}"
    echo_done(record, said, as_json=as_json)


@click.command("list-certificates")
@click.argument("client_id")
@tenant_options
def list_certificates(context: CommandContext, as_json: bool, client_id: str) -> None:
    """List the certificates of an application, including expired ones.

    JSON: [{"key_id", "description", "sha1", "sha256", "not_before", "expires", "created"}].
    """
    casb, found = opened(context, client_id)
    listed = full_record(casb.identity, found)["certificates"]
    rows = ((each["key_id"], each["sha1"], moment(each["expires"]), each["description"] or "-") for each in listed)
    echo_list(listed, ("key id", "x5t", "valid until", "description"), rows, as_json=as_json)


@click.command("remove-certificate")
@click.argument("client_id")
@click.argument("key_id")
@tenant_options
def remove_certificate(context: CommandContext, as_json: bool, client_id: str, key_id: str) -> None:
    """Remove a certificate by its key id. JSON: the application."""
    casb, found = opened(context, client_id)
    with explained("CLIENT_ID"):
        gone = casb.identity.registrations.remove_certificate(found, key_id, by=actor())
    if not gone:
        raise click.ClickException(
            f"KEY_ID: the application has no certificate {key_id!r} (opencasb app list-certificates)"
        )
    report(casb, found, f"removed {key_id}", as_json=as_json)


@click.command("add-permission")
@click.argument("client_id")
@click.argument("permissions", nargs=-1, required=True)
@_delegated_option
@tenant_options
def add_permission(
    context: CommandContext, as_json: bool, client_id: str, permissions: tuple[str, ...], delegated: bool
) -> None:
    """Add PERMISSIONS to those an application requests; grants nothing (see grant-consent). JSON: the application."""
    wanted = [_requested(text, delegated=delegated) for text in permissions]
    casb, found = opened(context, client_id)
    with explained("CLIENT_ID"):
        casb.identity.registrations.add_requested(found, wanted, by=actor())
    names = " ".join(each.name for each in wanted)
    report(casb, found, f"requests {names}; opencasb app grant-consent {found.client_id} grants it", as_json=as_json)


@click.command("remove-permission")
@click.argument("client_id")
@click.argument("permission")
@_delegated_option
@tenant_options
def remove_permission(context: CommandContext, as_json: bool, client_id: str, permission: str, delegated: bool) -> None:
    """Remove PERMISSION from those an application requests; existing grants stay. JSON: the application."""
    wanted = _requested(permission, delegated=delegated)
    casb, found = opened(context, client_id)
    with explained("CLIENT_ID"):
        gone = casb.identity.registrations.remove_requested(found, wanted, by=actor())
    if not gone:
        raise click.ClickException(f"PERMISSION: the application does not request the {wanted.kind} {wanted.name!r}")
    report(casb, found, f"no longer requests {wanted.name}", as_json=as_json)


def _requested(text: str, *, delegated: bool) -> RequestedPermission:
    kind: PermissionKind = "delegated" if delegated else "application"
    with explained("PERMISSION"):
        found = parse_permission(text, kind)
    return RequestedPermission(found.resource, kind, found.name)


COMMANDS = (
    add_redirect,
    remove_redirect,
    add_certificate,
    list_certificates,
    remove_certificate,
    add_permission,
    remove_permission,
)
