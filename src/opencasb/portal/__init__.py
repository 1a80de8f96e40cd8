"""The portal's pages: rendered on the server, without scripts, under a strict content security policy."""
