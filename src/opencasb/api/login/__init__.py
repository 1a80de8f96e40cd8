"""The authorization server over HTTP: token endpoints and public documents (identity §2)."""
