"""The root command. Groups are imported by name when used, so that ``opencasb --help`` is instant."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import click

import opencasb

COMMANDS: Final = {
    "app": "Manage applications, their secrets and permissions.",
    "audit-log": "Read and export the audit log.",
    "block-script": "Write a script that blocks unsanctioned apps on an appliance.",
    "catalog": "Search, explain and correct the cloud app catalog.",
    "custom-app": "Manage custom apps.",
    "demo": "Start a server with sample data.",
    "discover": "Report the cloud apps in log files, without a server.",
    "exclusion": "Exclude users, addresses and devices from reports.",
    "export": "Export activities, alerts, entities or files.",
    "format": "Detect and parse log formats; propose parsers for others.",
    "ingest": "Import activities, entities and files of connected apps.",
    "init": "Set up a data directory: database, certificates, tenant, administrator.",
    "ip-range": "Manage IP ranges: categories and tags of addresses.",
    "keys": "Manage the token signing keys.",
    "managed-apps": "Compare the applications you manage with those in use.",
    "notification": "Manage notification channels: mail and webhooks.",
    "parser": "Manage custom parsers for other log formats.",
    "report": "Show reports of discovered apps.",
    "reports": "Connect BI tools: credentials, Parquet, Power BI, an HTML page.",
    "saas": "Read discovered apps from a Microsoft tenant or another OpenCASB.",
    "serve": "Start the server.",
    "sign-in": "Configure single sign-on with an external provider.",
    "source": "Manage data sources and their receivers.",
    "tag": "Tag apps as sanctioned, unsanctioned, monitored, or with custom tags.",
    "tenant": "Manage tenants.",
    "token": "Manage API tokens.",
    "trust": "Manage trusted external directories (Entra ID tokens).",
    "unlisted": "Review used domains outside the catalog; adopt them as custom apps.",
    "upload": "Upload log files to a data source.",
    "user": "Manage users and their roles.",
}
"""Command → summary; the module has the same name with underscores and exports ``command``."""

_NO_UTF8: Final = re.compile("[\udc80-\udcff]")
"""How Python decodes non-UTF-8 bytes in command-line arguments."""

_STOPPED: Final = 130
"""Exit code after Ctrl-C: 128 plus the signal number, as in shells."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"opencasb.cli.{cmd_name.replace('-', '_')}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"opencasb.cli.{cmd_name} does not export a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named by the first argument; for an unknown one, suggest similar names."""
        if args[0] in COMMANDS or args[0].startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        alike = " or ".join(map(repr, get_close_matches(args[0], COMMANDS)))
        raise click.UsageError(f"No such command {args[0]!r}." + (f" Did you mean {alike}?" if alike else ""), ctx)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command. A full disk, a locked database and the like give one line and exit code 1, Ctrl-C 130."""
        with _errors_in_a_line():
            done = super().invoke(ctx)
            sys.stdout.flush()  # so that a write error is still reported
            return done

    def make_context(self, *args: Any, **extra: Any) -> click.Context:  # as click's
        """Parse the command line; also prints --help."""
        with _errors_in_a_line():
            return super().make_context(*args, **extra)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command list from the table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


class _Wrong(click.ClickException):
    """An invalid setting, reported like those found when settings are loaded."""

    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        """Print the message without a prefix."""
        click.echo(self.format_message(), file=file, err=True)


@contextmanager
def _errors_in_a_line() -> Iterator[None]:
    try:
        yield
    except click.exceptions.Exit:
        raise  # how --help ends; nothing is imported
    except KeyboardInterrupt:
        click.echo("\nAborted!", err=True)
        raise click.exceptions.Exit(_STOPPED) from None
    except Exception as error:
        told = _one_line_error(error)
        if told is error:
            raise
        raise told from error


def _one_line_error(error: Exception) -> Exception:
    """Return a one-line message for a file that cannot be used, or for data that cannot be stored now."""
    from opencasb.identity.keyfiles import DamagedKeyFile
    from opencasb.setting_values import WrongSettings
    from opencasb.store.migrate import UnusableSchema
    from opencasb.store.outage import outage_of, reason_of

    if isinstance(error, WrongSettings):  # in a file or name that is checked only when needed
        return _Wrong(str(error))
    if isinstance(error, UnusableSchema | DamagedKeyFile):
        return click.ClickException(str(error))
    if isinstance(error, BrokenPipeError):
        return error  # the reader has closed the pipe; click ignores that
    if isinstance(error, UnicodeEncodeError) and _NO_UTF8.search(error.object):
        told = ascii(error.object[:100])  # so that the terminal can show it
        return click.UsageError(f"{told} contains bytes that are not UTF-8; only file names may contain them")
    if isinstance(error, OSError) and error.filename is not None:
        return click.ClickException(f"{error.filename}: {error.strerror}")
    outage = outage_of(error)
    return error if outage is None else click.ClickException(f"{outage} ({reason_of(error)})")


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(opencasb.__version__, prog_name="opencasb")
def cli() -> None:
    """OpenCASB: find the cloud apps people really use.

    Exit codes: 0 success; 1 failed, stderr says why; 2 wrong usage or setting; 130 stopped by Ctrl-C.
    """
