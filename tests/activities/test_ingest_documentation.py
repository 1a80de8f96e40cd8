"""The documentation of record delivery lists the fields of flat records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from opencasb.activities import entity_wire, file_wire
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_wire import file_from
from tests.conftest import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "ingest.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return the text below a heading of the page."""
    return re.split("^##+ ", PAGE.partition(f"### {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def example(heading: str) -> dict[str, object]:
    """Return the example record there."""
    return dict(json.loads(re.search(r"```json\n(.*?)```", section(heading), re.DOTALL)[1]))  # type: ignore[index]


@pytest.mark.parametrize(("heading", "module"), [("Flat entities", entity_wire), ("Flat files", file_wire)])
def test_every_key_is_in_the_table(heading: str, module: ModuleType) -> None:
    """Every key of the module's table is listed."""
    table = re.findall(r"^(``.*?)  ", str(module.__doc__), re.MULTILINE)
    keys = {key for cell in table for key in re.findall("``(\\w+)``", cell)}
    assert len(keys) > 15
    assert keys <= set(re.findall(r"`(\w+)`", section(heading)))


def test_the_entity_of_the_guide_is_accepted() -> None:
    made = entities_from(example("Flat entities"), 1, NOW)
    assert (made["displayName"], made["email"], made["status"]) == ("Ana Lima", "ana@example.org", 2)


def test_the_file_of_the_guide_is_accepted() -> None:
    made = file_from(example("Flat files"), 1, NOW)
    assert (made["name"], made["fileSize"], made["ownerAddress"]) == ("plan.xlsx", 20480, "ana@example.org")
