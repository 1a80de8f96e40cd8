"""The filters of each resource, one file a resource; what a filter may be is in :mod:`opencasb.filters.field`."""
