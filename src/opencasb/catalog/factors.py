"""The risk factors, for who builds and reads the catalog; they are defined in :mod:`opencasb.model.factors`."""

from __future__ import annotations

from opencasb.model.factor import NOT_APPLICABLE, BadValue, Factor, Group, Kind, Value, checked_value, parse_value
from opencasb.model.factors import FACTORS, SCORED

__all__ = [
    "FACTORS",
    "NOT_APPLICABLE",
    "SCORED",
    "BadValue",
    "Factor",
    "Group",
    "Kind",
    "Value",
    "checked_value",
    "parse_value",
]
