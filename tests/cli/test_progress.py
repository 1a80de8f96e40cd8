"""Progress bars on stderr."""

from __future__ import annotations

import sys
from typing import Literal

import pytest

from opencasb.cli.progress import progress


@pytest.mark.parametrize(("counted", "shown"), [("bytes", "40/100 bytes"), ("records", "40/100")])
def test_a_terminal_sees_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    counted: Literal["bytes", "records"],
    shown: str,
) -> None:
    """Nothing is shown in a file or pipe."""
    for is_terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)  # noqa: B023 -- called at once
        with progress("storing", counted) as told:
            told(40, None)
            told(40, 100)
        written = capsys.readouterr()
        assert written.out == ""
        assert ("storing" in written.err, shown in written.err) == (is_terminal, is_terminal)
