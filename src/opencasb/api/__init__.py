"""HTTP: request decoding, envelopes, errors. Nothing below this package knows it."""
