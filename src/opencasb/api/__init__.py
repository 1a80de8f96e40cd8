"""HTTP: request decoding, envelopes and errors. No layer below this package knows about HTTP."""
