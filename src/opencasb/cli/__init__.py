"""The command line: one command group a file, loaded only when it is used."""
