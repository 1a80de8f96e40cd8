"""Benchmarks against peers and theoretical limits, measured in the same run (``make bench``)."""
