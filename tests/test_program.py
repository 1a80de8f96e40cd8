"""The start of the program."""

from __future__ import annotations

import pytest

from opencasb.program import main


def test_ctrl_c_while_the_program_loads_is_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same message as click's once the program has loaded."""

    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    for name in ("share_pages", "keep_freed", "collect_seldom"):
        monkeypatch.setattr(f"opencasb.memory.{name}", lambda: None)
    monkeypatch.setattr("opencasb.cli.main.cli", interrupted)
    with pytest.raises(SystemExit, match="130"):
        main()
    assert capsys.readouterr().err == "\nAborted!\n"
