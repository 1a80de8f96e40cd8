"""Report data over HTTP: the OData feed ``/odata/v1/…`` and files ``/export/v1/…`` (docs/report-feeds.md)."""
