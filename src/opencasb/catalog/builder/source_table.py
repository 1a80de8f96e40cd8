"""The sources: licence, date, attribution and the order in which they are believed."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from opencasb.catalog.gold import WELL_KNOWN
from opencasb.model.layer import Layer

CURATED: Final = "curated"
"""Id of our own reviewed facts."""

_OUR_OWN: Final = frozenset({CURATED, WELL_KNOWN})


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where facts come from.

    ``date`` (ISO) is that of the data; ``weight`` its say in the naming of apps; ``layer`` the part of the catalog that
    its licence allows it in.
    """

    id: str
    title: str
    url: str
    licence: str
    date: str
    attribution: str
    weight: int
    layer: Layer = "core"


def sources() -> dict[str, Source]:
    """Return the sources by id, the most believed first."""
    text = files(__package__).joinpath("sources.toml").read_text("utf-8")
    table = msgspec.convert(tomllib.loads(text)["source"], list[Source])
    return {source.id: source for source in table}


def absent(root: Path) -> list[str]:
    """Return the ids of the sources without a folder of their own below ``root``; a folder's name begins with the id.

    Lists of lists, whose ids have a slash, are files of one folder and not looked for.
    """
    folders = tuple(each.name for each in root.iterdir() if each.is_dir())
    named = (each for each in sources() if each not in _OUR_OWN and "/" not in each)
    return [each for each in named if not any(folder.startswith(each) for folder in folders)]
