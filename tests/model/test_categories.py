"""The names of app categories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.model.app import GENERATIVE_AI
from opencasb.model.categories import category_id, category_name


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
    assert all(category_id(own[category].lower()) == category for category in own)


@pytest.mark.parametrize(
    "given",
    [
        "SAASDB_CATEGORY_CLOUD_STORAGE",
        "saasdb_category_cloud_storage",
        "CLOUD_STORAGE",
        "cloud_storage",
        " Cloud storage",
    ],
)
def test_a_category_may_be_given_with_or_without_its_prefix(given: str) -> None:
    """In any case; an id of another kind stays."""
    assert category_id(given) == "SAASDB_CATEGORY_CLOUD_STORAGE"
    assert category_id("SAASDB_SUBCATEGORY_X") == "SAASDB_SUBCATEGORY_X"
