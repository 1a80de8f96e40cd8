"""The change feed: every change of records and every row of usage, in order and without a gap."""
