"""The builder of the shipped catalog: open data in, compact columnar files out, the same bytes for the same input."""
