"""The Graph API of cloud app discovery, version beta: read-only OData over the reports (graph)."""
