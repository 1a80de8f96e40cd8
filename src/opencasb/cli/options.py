"""Options that every command group shares, and what they mean."""

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
    show_default="./data",
    help="Data directory.",
)


class _InputFile(click.Path):
    """A file to read; ``-`` is standard input."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # click's types
        """Return the path."""
        from opencasb.discovery.standard_input import STANDARD_INPUT

        return STANDARD_INPUT if value == "-" else super().convert(value, param, ctx)


INPUT_FILE: Final = _InputFile(exists=True, dir_okay=False, path_type=Path)
"""The type of arguments that name a file to read."""


class _OutputFile(click.Path):
    """A file to write; ``-`` is standard output, to which the commands that take one write without it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # click's types
        """Return the path, or None."""
        return None if value == "-" else super().convert(value, param, ctx)


OUTPUT_FILE: Final = _OutputFile(dir_okay=False, path_type=Path)
"""The type of options that name a file to write in place of standard output."""

OUTPUT: Final = _OutputFile(path_type=Path)
"""The same, or a folder."""

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Write machine-readable JSON.")
_document_json_option: Final = click.option(
    "--json", "as_json", is_flag=True, help="With --out, describe what was written as JSON on stdout."
)
yes_option: Final = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")

tenant_option: Final = click.option("--tenant", help="Tenant by name, domain, GUID or number; default: the oldest.")


class _Opens(Protocol):
    def open(self, data: Path, /, *, new: bool = False) -> Casb: ...


class CommandContext:
    """What ``--data`` and ``--tenant`` say of a command: an installation and a tenant, found when first asked for.

    With ``new`` an installation that is not there is made, and said to be.
    """

    def __init__(self, opener: _Opens, data: Path, named: str | None, *, new: bool = False) -> None:
        self.data: Final = data
        self.named: Final = named
        self._opener = opener
        self._new = new

    @cached_property
    def casb(self) -> Casb:
        """The installation, open."""
        if not self._new:
            return self._opener.open(self.data)
        was_there = self.data.exists()
        opened = self._opener.open(self.data, new=True)
        if not was_there:
            click.echo(f"Made a data directory, {self.data}.", err=True)
        return opened

    @cached_property
    def tenant(self) -> Tenant:
        """The tenant, as :func:`tenant_of` finds it."""
        return tenant_of(self.casb, self.named)

    @property
    def tenant_id(self) -> int:
        """The number of the tenant."""
        return self.tenant.tenant_id


def tenant_options(command: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Give a command ``--tenant``, ``--data`` and ``--json``; its first argument is a :class:`CommandContext`."""
    return _called_in_context(json_option(command))


def first_options(command: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Do the same for a command that may be the first one of a data directory, and makes it (design §6)."""
    return _called_in_context(json_option(command), new=True)


def document_options(command: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Do the same for a command whose output is a document of its own, which no option turns into another one."""
    return _called_in_context(_document_json_option(command))


def _called_in_context(
    command: Callable[..., Any], *, new: bool = False
) -> Callable[..., Any]:  # any options of its own
    def called(opener: _Opens, /, data: Path, tenant: str | None, **given: Any) -> Any:  # of any command
        return command(CommandContext(opener, data, tenant, new=new), **given)

    return tenant_option(data_option(click.pass_obj(wraps(command)(called))))


def all_of(*options: Callable[..., Any]) -> Callable[..., Any]:  # a command has any options of its own
    """Return what gives a command several options, shown in this order."""

    def given(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return given


def hidden_input(what: str, *, twice: bool = False) -> str:
    """Return a secret: what is typed at a terminal, unseen, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))
    return sys.stdin.readline().rstrip("\r\n")


FIRST_TENANT: Final = "Default"
"""Name of the tenant of a new data directory."""


class _WithTenants(Protocol):
    @property
    def tenants(self) -> Tenants: ...


def tenant_of(casb: _WithTenants, given: str | None) -> Tenant:
    """Return the tenant that ``--tenant`` names, by default the oldest one. Raises ``ClickException``.

    In a new data directory the default is made now, so that no command needs another one before it.
    """
    if given is None:
        return casb.tenants.default() or _first_tenant(casb.tenants)
    return tenant_named(casb, given, "--tenant")


def tenant_named(casb: _WithTenants, given: str, field: str) -> Tenant:
    """Return the tenant of that name, guid, domain or number. Raises ``ClickException`` that names the field."""
    found = casb.tenants.by_name(given) or casb.tenants.by_guid_or_domain(given)
    if found is None and given.isdecimal() and given.isascii() and len(given) < 10:
        found = casb.tenants.get(int(given))
    if found is None:
        known = ", ".join(tenant.name for tenant in casb.tenants.all()) or "none"
        raise click.ClickException(f"{field}: {given!r} is not a tenant; known are: {known}")
    return found


def _first_tenant(tenants: Tenants) -> Tenant:
    """Make the first tenant; of two commands that begin together one makes it, and both have it."""
    from opencasb.store.conflict import Conflict

    try:
        made = tenants.create(FIRST_TENANT, by=actor())
    except Conflict:
        there = tenants.default()
        if there is None:
            raise
        return there
    click.echo(f"Made the first tenant, {FIRST_TENANT} ({made.guid}).", err=True)
    return made


def actor() -> str:
    """Return who gives this command, for the audit log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # a user id without a name, as in containers
        return "cli"
