"""What each format is, in words for people; the file beside this one says it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What some source types have in common.

    ``structure`` is how a line is built, ``counts`` what of a log counts as a transaction, ``evidence`` what the format
    was read from: ``real`` lines, what is ``documented``, or names that fields usually have (``uncertain``).
    ``recognised`` says whether it is so by itself.
    """

    sources: tuple[str, ...]
    structure: str
    counts: str
    evidence: str
    recognised: Literal["yes", "no", "as `_II`"] = "yes"


@cache
def about_formats() -> tuple[About, ...]:
    """Return everything that is said, by source type."""
    content = files(__package__).joinpath("about.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(content)["format"], tuple[About, ...])


@cache
def about(source: str) -> About | None:
    """Return what is said of a source type; None of one that somebody else installed."""
    return next((each for each in about_formats() if source in each.sources), None)
