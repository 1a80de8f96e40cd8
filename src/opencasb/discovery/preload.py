"""Preloads the modules that log processing needs, before the first log is there.

A command that queues a file and then processes it first copies the file and computes its digest. Both release the
interpreter to other threads for about as long as the imports take: a tenth of a second.
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
    "opencasb.discovery.formats.restored",
    "opencasb.catalog.catalog",
    "opencasb.discovery.tenant_catalogs",
    "opencasb.store.corrections",
    "opencasb.store.tags",
)
"""What reading needs, in order of use."""

WRITER: Final = "opencasb.lake.delta_table"


def preload(source: str) -> Thread:
    """Load in a thread what processing a log of a source type needs, and return the thread.

    An import of the same elsewhere waits for it.
    """
    thread = Thread(target=_load, args=(source,), name="opencasb-load")
    thread.start()
    return thread


def _load(source: str) -> None:
    with suppress(Exception):  # the command may have ended; a later import raises the error again
        for name in MODULES:
            import_module(name)
        from opencasb.discovery.recognise import UnknownSource, format_of

        with suppress(UnknownSource):  # a custom parser's
            format_of(source)
        import_module(WRITER)  # last, so that reading the log does not wait for it
