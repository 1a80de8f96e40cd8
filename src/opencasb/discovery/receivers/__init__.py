"""Receivers: logs that come by themselves, each bound to a data source (portal §2.3)."""
