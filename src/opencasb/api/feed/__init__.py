"""The change feed: every record change and every usage row, in order and without gaps."""
