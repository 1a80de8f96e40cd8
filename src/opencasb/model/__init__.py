"""Domain values: frozen, typed and independent of storage and HTTP."""
