"""The names of app categories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.model.app import GENERATIVE_AI
from opencasb.model.categories import category_name


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("SAASDB_CATEGORY_CLOUD_STORAGE", "Cloud storage"),
        ("SAASDB_CATEGORY_SUPLLY_CHAIN_AND_LOGISTICS", "Supply chain and logistics"),
        ("SAASDB_CATEGORY_CRM", "CRM"),
        (GENERATIVE_AI, "Generative AI"),
        ("", ""),
        ("something else", "Something else"),
    ],
)
def test_an_id_reads_as_a_name(category: str, name: str) -> None:
    """Known and unknown ids have a name; irregular ones have a name of their own."""
    assert category_name(category) == name


def test_every_documented_category_has_its_name(shared: Path) -> None:
    """Our names are those in the reference."""
    known = json.loads((shared / "reference" / "enums.json").read_text("utf-8"))["appCategories"]
    own = {category: name for category, name in known.items() if category.startswith("SAASDB_CATEGORY_")}
    own.pop("SAASDB_CATEGORY_ALL")
    assert {category: category_name(category) for category in own} == own
