"""Kept for the moment: see :mod:`opencasb.catalog.factors`."""

from __future__ import annotations

from opencasb.catalog.factors import NOT_APPLICABLE, BadValue, Factor, Group, Kind, Value, checked_value, parse_value

__all__ = ["NOT_APPLICABLE", "BadValue", "Factor", "Group", "Kind", "Value", "checked_value", "parse_value"]
