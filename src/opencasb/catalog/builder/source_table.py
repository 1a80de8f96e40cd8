"""The sources: licence, date, attribution and the order in which they are believed."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

import msgspec

from opencasb.model.layer import Layer

CURATED: Final = "curated"
"""Id of our own reviewed facts."""


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
