"""Ingest and enrichment of activities, entities and files."""
