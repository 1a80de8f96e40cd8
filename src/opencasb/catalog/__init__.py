"""The cloud app catalog: which hosts and addresses belong to which app, and where each fact comes from."""
