"""Zscaler: a list for a custom URL category; the leading dot covers a domain and everything below it."""

from __future__ import annotations

from opencasb.discovery.block_scripts.base import Appliance

APPLIANCE = Appliance(120, "Zscaler", lambda names: (f".{name}" for name in names))
