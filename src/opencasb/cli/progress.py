"""A progress bar on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Progress = Callable[[int, int | None], None]
"""A function to call with the amount done and the total, or None if that is unknown."""


@contextmanager
def progress(doing: str, counted: Literal["bytes", "records"]) -> Iterator[Progress]:
    """Show the bar while the block runs; yields the function that updates it."""
    if not sys.stderr.isatty():
        yield lambda _done, _whole: None
        return
    from rich import progress as rich
    from rich.console import Console

    count = rich.DownloadColumn() if counted == "bytes" else rich.MofNCompleteColumn()
    columns = (rich.TextColumn(doing), rich.BarColumn(), count, rich.TimeRemainingColumn())
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)
