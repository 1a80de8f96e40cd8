"""Websense (Forcepoint) content gateway: filter rules, one per line."""

from __future__ import annotations

from opencasb.discovery.block_scripts.base import Appliance

APPLIANCE = Appliance(135, "Websense", lambda names: (f"dest_host={name} action=deny" for name in names))
