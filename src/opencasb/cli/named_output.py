"""Standard output whose errors name it, to tell a full disk under the output from one under the data."""

from __future__ import annotations

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

NAME: Final = "standard output"


class _Named(FileIO):
    """A file whose errors contain its name."""

    def write(self, data: Any, /) -> int:  # a readable buffer
        """Write ``data``."""
        try:
            return super().write(data)
        except OSError as error:
            error.filename = NAME
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # discard the rest: the error is reported once
            raise


def open_closed() -> None:
    """Open standard output and error to the null device if closed, as in services: no other file takes their number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 -- to the end


def name_output() -> None:
    """Make errors of writing to standard output name it from now on, unless a program has replaced it.

    Characters that its encoding lacks are written as escapes.
    """
    plain = sys.stdout
    if plain is not sys.__stdout__ or not isinstance(plain, TextIOWrapper):
        return
    plain.flush()
    raw = _Named(plain.fileno(), "wb", closefd=False)
    errors = "backslashreplace" if plain.errors == "strict" else plain.errors
    sys.stdout = TextIOWrapper(
        BufferedWriter(raw), encoding=plain.encoding, errors=errors, line_buffering=plain.line_buffering
    )
