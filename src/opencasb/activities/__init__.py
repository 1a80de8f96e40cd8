"""Activities, entities and files on their way in."""
