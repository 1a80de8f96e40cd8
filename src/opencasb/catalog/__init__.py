"""The cloud app catalog: which hosts and addresses belong to which app, and the source of each fact."""
