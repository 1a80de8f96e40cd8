"""Symantec (Blue Coat) ProxySG: content policy language, one rule per line."""

from __future__ import annotations

from opencasb.discovery.block_scripts.base import Appliance

APPLIANCE = Appliance(102, "BlueCoat ProxySG", lambda names: (f"url.domain={name} deny" for name in names))
