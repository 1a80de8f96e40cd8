"""Derive the names of app categories from their ids (``appCategories`` of the API)."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "SAASDB_CATEGORY_"

# Ids that do not spell their name; the misspelt one is part of the wire contract.
_NAMES: Final = {
    "CRM": "CRM",
    "ECOMMERCE": "E-commerce",
    "GENERATIVE_AI": "Generative AI",
    "HUMAN_RESOURCE_MANAGEMENT": "Human-resource management",
    "INTERNET_OF_THINGS": "Internet of Things",
    "IT_SERVICES": "IT services",
    "SUPLLY_CHAIN_AND_LOGISTICS": "Supply chain and logistics",
}


_IDS: Final = {name.upper(): plain for plain, name in _NAMES.items()}


def category_id(given: str) -> str:
    """Return the id of a category given by its name, or its id with or without the prefix, in any case."""
    plain = given.strip().upper()
    return plain if plain.startswith("SAASDB_") else PREFIX + (_IDS.get(plain) or plain.replace(" ", "_"))


def category_name(category: str) -> str:
    """Return the name of a category id: ``SAASDB_CATEGORY_CLOUD_STORAGE`` → ``Cloud storage``."""
    plain = category.removeprefix(PREFIX)
    return _NAMES.get(plain) or plain.replace("_", " ").capitalize()
