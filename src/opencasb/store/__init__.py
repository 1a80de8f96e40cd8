"""Operational data: one repository module per resource, its table beside its queries."""
