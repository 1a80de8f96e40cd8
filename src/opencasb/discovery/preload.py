"""Loads what reads logs before the first of them is there.

A command that puts a file into the queue and then reads it copies the file and takes its digest first. Both leave the
interpreter to other threads, for about as long as the loading takes: a tenth of a second.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from threading import Thread
from typing import Final

MODULES: Final = (
    "polars",
    "opencasb.discovery.processing",
    "opencasb.discovery.formats.exported",
    "opencasb.activities.alert_columns",
    "opencasb.catalog.catalog",
    "opencasb.discovery.tenant_catalogs",
)
"""What the reading needs, in the order in which it is used."""

WRITER: Final = "opencasb.lake.delta_table"


def preload() -> Thread:
    """Load in a thread what processing a log needs, and return the thread; whoever needs it sooner waits for it."""
    thread = Thread(target=_load, name="opencasb-load")
    thread.start()
    return thread


def _load() -> None:
    with suppress(Exception):  # the command has ended; who still needs what fails here loads it again, and is told
        for name in MODULES:
            import_module(name)
        from opencasb.discovery.recognise import formats

        formats()
        import_module(WRITER)  # not before: the reading of the log does not wait for it
