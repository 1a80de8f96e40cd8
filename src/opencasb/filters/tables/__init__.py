"""The filters of each resource, one file per resource; :mod:`opencasb.filters.field` defines what a filter is."""
