"""Describe each format in words for people, from the TOML file beside this one."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What several source types have in common.

    ``structure`` is how a line is built, ``counts`` what counts as a transaction in the log, ``evidence`` what the
    format was derived from: ``real`` lines, what is ``documented``, or the usual names of fields (``uncertain``).
    ``recognised`` says whether the format is detected automatically.
    """

    sources: tuple[str, ...]
    structure: str
    counts: str
    evidence: str
    recognised: Literal["yes", "no", "as `_II`", "its own layouts"] = "yes"


@cache
def about_formats() -> tuple[About, ...]:
    """Return all descriptions, by source type."""
    content = files(__package__).joinpath("about.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(content)["format"], tuple[About, ...])


@cache
def about(source: str) -> About | None:
    """Return the description of a source type; None for a third-party one."""
    return next((each for each in about_formats() if source in each.sources), None)
