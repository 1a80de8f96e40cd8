"""The program: loads the rest of it where Ctrl-C is minded already."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C before there is one ends the program without a word, with exit code 130."""
    try:
        from opencasb.program import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
