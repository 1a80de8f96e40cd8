"""The documentation of activities agrees with the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opencasb.activities.activity import read_activity
from opencasb.activities.fields import Fields
from opencasb.activities.normalised import to_wire
from tests.activities.normalised_example import normalised
from tests.conftest import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "activities.md").read_text(encoding="utf-8")


class Watched(Mapping[str, Any]):
    """A record that notes which keys are read."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        """Return a value, and note the key."""
        self.asked.add(key)
        return self.record[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.record)

    def __len__(self) -> int:
        return len(self.record)


def test_every_key_is_in_the_table() -> None:
    """The table lists exactly the keys that are read."""
    record = Watched(normalised())
    read_activity(Fields(record))
    table = PAGE.partition("## The normalised record")[2].partition("### Where it goes")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall("`([a-zA-Z]+)`", row)}
    assert listed == record.asked | {"id", "created", "raw"}


def test_the_example_of_the_guide_is_accepted() -> None:
    example = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])  # type: ignore[index]
    assert to_wire(example, 1, NOW)["description"] == "Download file: file plan.xlsx"
