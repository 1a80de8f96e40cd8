"""The command line: one command group per file, imported only when used."""
