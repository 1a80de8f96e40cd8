"""The header lines of each sender, which say how the lines below them are read (W3C, Zeek, McAfee).

A sender writes its header once, at the beginning of a connection or file; what it sends is split by time into segments,
which are parsed independently. So the newest header of each sender is kept beside the journal, and repeated wherever a
segment continues with that sender's lines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from opencasb.store.database import new_id

MOST_SENDERS: Final = 1024
"""Most senders per data source whose headers are kept; the one with the oldest header is dropped first."""

MOST_BYTES: Final = 16 * 1024
"""A header line longer than this is not treated as one."""

NO_FIELDS: Final = b"#Fields:\n"
"""Cancels another sender's header (:class:`opencasb.discovery.formats.w3c.W3c`)."""

# A transaction must never pass for a header, whatever its client writes into it: no part of one may precede the number
# sign.
_WRAPPER: Final = (
    rb"(?:(?:<\d|[A-Z][a-z]{2} [ \d]|\d{4}-\d\d-\d\dT)"
    rb"(?:\[[^\]\n]{0,200}\]|(?!//|\d{4}-\d\d-\d\d[ \t])[^\[\"=|?#\n]){0,300}+)?"
)
_BEGINNING: Final = rb"#(?:(?i:fields):[ \t#]|fields(?:\t|#011)|time_stamp[ \t])"
_LIKELY: Final = re.compile(_BEGINNING)
_HEADER: Final = re.compile(rb"^" + _WRAPPER + rb"(" + _BEGINNING + rb"[^\n]*)", re.MULTILINE)


class Headers:
    """The newest header of each sender of one data source."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, with one file per sender; it is created with the first one."""
        self._folder = folder
        self._of = dict(_stored(folder))

    def lead(self, sender: str, above: bytes) -> bytes:
        """Return what to write before a sender's lines: usually nothing, since ``above`` is the header in force."""
        wanted = self._of.get(sender) or (NO_FIELDS if above else b"")
        return wanted if wanted != above else b""

    def note(self, sender: str, lines: bytes) -> bytes:
        """Keep and return the last header among whole lines of a sender, if any. Raises ``OSError``."""
        newest = newest_header(lines)
        if newest and newest != self._of.get(sender):
            self._store(sender, newest)
            self._of.pop(sender, None)
            self._of[sender] = newest
            self._forget()
        return newest

    def _store(self, sender: str, header: bytes) -> None:
        """Write a header atomically, so that a kill leaves either the old one or the new one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        written = self._folder / f".{new_id()}"
        try:
            written.write_bytes(header)
            written.rename(self._path(sender))
        except OSError:  # a full disk
            written.unlink(missing_ok=True)
            raise

    def _forget(self) -> None:
        while len(self._of) > MOST_SENDERS:
            oldest = next(iter(self._of))
            del self._of[oldest]
            self._path(oldest).unlink(missing_ok=True)

    def _path(self, sender: str) -> Path:
        return self._folder / f"from-{sender.replace(os.sep, '_')}"


def newest_header(lines: bytes) -> bytes:
    """Return the last header among whole lines, without its syslog wrapper, or nothing."""
    if b"#" not in lines or not _LIKELY.search(lines):  # the common case, at almost no cost
        return b""
    found = [header for header in _HEADER.findall(lines) if len(header) <= MOST_BYTES]
    return found[-1].rstrip() + b"\n" if found else b""


def _stored(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield senders and their headers, oldest first."""
    for path in sorted(folder.glob("from-*"), key=lambda each: each.stat().st_mtime_ns):
        yield path.name.removeprefix("from-"), path.read_bytes()
