"""Options that all command groups share, and how they are resolved."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.tenant import Tenant
    from opencasb.store.tenants import Tenants

data_option: Final = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="OPENCASB_DATA",
    default=Path("data"),
    help="Data directory; default: $OPENCASB_DATA or ./data.",
)


class _InputFile(click.Path):
    """A file to read; ``-`` is standard input."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # click's types
        """Return the path."""
        from opencasb.discovery.standard_input import STANDARD_INPUT

        return STANDARD_INPUT if value == "-" else super().convert(value, param, ctx)


INPUT_FILE: Final = _InputFile(exists=True, dir_okay=False, path_type=Path)
"""The type of arguments that name a file to read."""


EXISTING_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
"""The type of arguments and options that name a file to read, never standard input."""


class _OutputFile(click.Path):
    """A file to write; ``-`` is standard output, which commands use anyway if the option is absent."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # click's types
        """Return the path, or None."""
        return None if value == "-" else super().convert(value, param, ctx)


OUTPUT_FILE: Final = _OutputFile(dir_okay=False, path_type=Path)
"""The type of options that name a file to write instead of standard output."""

OUTPUT: Final = _OutputFile(path_type=Path)
"""Like :data:`OUTPUT_FILE`, but a folder is allowed."""

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Write machine-readable JSON.")
_document_json_option: Final = click.option(
    "--json", "as_json", is_flag=True, help="With --out, describe what was written as JSON on stdout."
)
yes_option: Final = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")

tenant_option: Final = click.option("--tenant", help="Tenant by name, domain, GUID or number; default: the oldest.")


def limit_option(what: str, default: int) -> Callable[..., Any]:  # decorates a command with any options of its own
    """Return the option of how many rows are shown; ``what`` names them in its help."""
    return click.option(
        "--limit",
        type=click.IntRange(1, 1_000_000),
        default=default,
        show_default=True,
        help=f"Maximum number of {what}.",
    )


class _Opens(Protocol):
    def open(self, data: Path, /, *, new: bool = False) -> Casb: ...


class CommandContext:
    """The installation and tenant given by ``--data`` and ``--tenant``, opened on first use.

    With ``new``, a missing data directory is created, with a message on stderr.
    """

    def __init__(self, opener: _Opens, data: Path, named: str | None, *, new: bool = False) -> None:
        self.data: Final = data
        self.named: Final = named
        self._opener = opener
        self._new = new

    @cached_property
    def casb(self) -> Casb:
        """The open installation."""
        if not self._new:
            return self._opener.open(self.data)
        was_there = self.data.exists()
        opened = self._opener.open(self.data, new=True)
        if not was_there:
            click.echo(f"Created the data directory {self.data}.", err=True)
        return opened

    @cached_property
    def tenant(self) -> Tenant:
        """The tenant, resolved by :func:`tenant_of`."""
        return tenant_of(self.casb, self.named)

    @property
    def tenant_id(self) -> int:
        """The tenant's number."""
        return self.tenant.tenant_id


def tenant_options(command: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Give a command ``--tenant``, ``--data`` and ``--json``; its first argument is a :class:`CommandContext`."""
    return _called_in_context(json_option(command))


def first_options(command: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Do the same for a command that may be the first in a data directory, and creates it (design §6)."""
    return _called_in_context(json_option(command), new=True)


def document_options(command: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Do the same for a command that always prints a document in its own format, so that ``--json`` has no effect."""
    return _called_in_context(_document_json_option(command))


def _called_in_context(
    command: Callable[..., Any], *, new: bool = False
) -> Callable[..., Any]:  # any options of its own
    def called(opener: _Opens, /, data: Path, tenant: str | None, **given: Any) -> Any:  # of any command
        return command(CommandContext(opener, data, tenant, new=new), **given)

    return tenant_option(data_option(click.pass_obj(wraps(command)(called))))


def all_of(*options: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Return a decorator that adds several options, shown in this order."""

    def given(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return given


def hidden_input(what: str, *, twice: bool = False) -> str:
    """Return a secret: typed at a terminal without echo, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))
    return sys.stdin.readline().rstrip("\r\n")


FIRST_TENANT: Final = "Default"
"""Name of the first tenant of a new data directory."""


class _WithTenants(Protocol):
    @property
    def tenants(self) -> Tenants: ...


def tenant_of(casb: _WithTenants, given: str | None) -> Tenant:
    """Return the tenant given by ``--tenant``, by default the oldest one. Raises ``ClickException``.

    In a new data directory the default tenant is created here, so that no other command has to run first.
    """
    if given is None:
        return casb.tenants.default() or _first_tenant(casb.tenants)
    return tenant_named(casb, given, "--tenant")


def tenant_named(casb: _WithTenants, given: str, field: str) -> Tenant:
    """Return the tenant with that name, guid, domain or number. Raises ``ClickException`` that names the field."""
    found = casb.tenants.by_name(given) or casb.tenants.by_guid_or_domain(given)
    if found is None and given.isdecimal() and given.isascii() and len(given) < 10:
        found = casb.tenants.get(int(given))
    if found is None:
        known = ", ".join(tenant.name for tenant in casb.tenants.all()) or "none"
        raise click.ClickException(f"{field}: {given!r} is not a tenant; known: {known}")
    return found


def _first_tenant(tenants: Tenants) -> Tenant:
    """Create the first tenant; of two concurrent commands one creates it and both return it."""
    from opencasb.store.conflict import Conflict

    try:
        made = tenants.create(FIRST_TENANT, by=actor())
    except Conflict:
        there = tenants.default()
        if there is None:
            raise
        return there
    click.echo(f"Created the first tenant, {FIRST_TENANT} ({made.guid}).", err=True)
    return made


def actor() -> str:
    """Return the user who runs this command, for the audit log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # a user id without a name, as in containers
        return "cli"
