"""Program start-up: what the command line uses to open an installation or to serve it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opencasb import memory
from opencasb.app import Casb

if TYPE_CHECKING:
    from opencasb.listening import Sockets
    from opencasb.settings import Settings


class Opener:
    """Opens the installation of a data directory; click passes it to every command."""

    def open(self, data: Path | None = None, *, new: bool = False, **overrides: Any) -> Casb:  # values of any setting
        """Open an installation; only with ``new`` may the directory be empty.

        An invalid setting, such as a directory without an installation, exits with a message and code 2.
        """
        from opencasb import logs
        from opencasb.settings import load_or_exit

        logs.to_stderr()
        settings = load_or_exit(data, **overrides)
        if not new:
            _check_installed(settings)
        return Casb.open(settings)

    @contextmanager
    def server(self, data: Path | None, **overrides: Any) -> Iterator[tuple[Casb, Sockets]]:  # as in open
        """Open an installation for serving: ports are bound, a port of 0 is resolved, the certificate exists.

        A port that cannot be bound exits with a message and code 1.
        """
        from dataclasses import replace

        from opencasb import logs
        from opencasb.listening import Unbound, listening
        from opencasb.settings import load_or_exit

        logs.to_stderr()
        settings = load_or_exit(data, **overrides)
        with ExitStack() as bound:
            try:
                sockets = bound.enter_context(listening(settings))
            except Unbound as error:
                sys.stderr.write(f"{error}\n")
                sys.exit(1)
            casb = Casb.open(replace(settings, port=sockets.port))
            casb.tls.ensure()
            casb.identity.read_key_files()
            yield casb, sockets

    def serve(self, casb: Casb, sockets: Sockets, ready: Callable[[], None]) -> None:
        """Serve an installation until SIGINT or SIGTERM; call ``ready`` once it answers.

        A lake that cannot be created, or whose store would lose commits, exits with a message and code 1.
        """
        from opencasb.lake.object_store import UnsafeStore, check
        from opencasb.server import serve

        try:
            if casb.settings.lake_url:
                check(casb.settings.effective_lake_url)
        except UnsafeStore as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(1)
        serve(casb, sockets, ready)


def _check_installed(settings: Settings) -> None:
    """Raise ``WrongSettings`` if nothing is installed, such as in a mistyped directory."""
    from shlex import quote

    from opencasb.setting_values import WrongSettings

    if not (settings.data.is_dir() if settings.database_url else settings.database_file.exists()):
        made = f"opencasb init --data {quote(str(settings.data))}"
        raise WrongSettings(f"setting data: nothing is installed in {str(settings.data)!r}; to install, run: {made}")


def main() -> None:
    """Run the command line."""
    try:
        memory.collect_seldom()

        from opencasb.cli.main import cli
        from opencasb.cli.named_output import name_output, open_closed

        open_closed()
        memory.share_pages()
        memory.keep_freed()
        name_output()
        cli(obj=Opener())
    except KeyboardInterrupt:  # where click does not catch it: while it loads, and as the program exits
        sys.stderr.write("\nAborted!\n")
        sys.exit(130)
