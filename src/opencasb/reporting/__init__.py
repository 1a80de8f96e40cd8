"""Report feeds: the tables of discovered usage as OData, CSV, JSON lines and Parquet."""
