"""Common country names by ISO 3166-1 code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def in_sentences() -> Mapping[str, str]:
    """Return the country name of each code as used in a sentence: ``the United States``."""
    return tomllib.loads(files("opencasb.catalog").joinpath("countries.toml").read_text("utf-8"))


@cache
def names() -> Mapping[str, str]:
    """Return the country name of each code as used in a table: ``United States``."""
    return {code: name.removeprefix("the ") for code, name in in_sentences().items()}
