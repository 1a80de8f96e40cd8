"""Installations for the tests of report tables."""

from __future__ import annotations

from tests.reporting.conftest import filled, house

__all__ = ["filled", "house"]
