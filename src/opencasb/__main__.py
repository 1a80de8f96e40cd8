"""The program's entry point: loads the rest with Ctrl-C already handled."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it loads exits silently with code 130."""
    try:
        from opencasb.program import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
