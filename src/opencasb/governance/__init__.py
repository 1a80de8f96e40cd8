"""Governance: acting on discovered apps."""
