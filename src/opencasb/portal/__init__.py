"""The pages that people see: rendered here, without scripts, under a strict policy."""
