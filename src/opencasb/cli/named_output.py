"""Standard output whose errors say that it was standard output: a full disk may be that of the data, or that of it."""

from __future__ import annotations

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

NAME: Final = "standard output"


class _Named(FileIO):
    """A file whose errors have its name."""

    def write(self, data: Any, /) -> int:  # a readable buffer
        """Write."""
        try:
            return super().write(data)
        except OSError as error:
            error.filename = NAME
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # for the rest: once is told
            raise


def open_closed() -> None:
    """Open standard output and error where they are closed, as by services: to nowhere, and no other file's number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 -- to the end


def name_output() -> None:
    """Have errors of writing to standard output name it, from now on; not where a program has put another one there.

    A character that its encoding does not have is written as an escape.
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
