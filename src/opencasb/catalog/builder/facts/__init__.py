"""What the sources say about risk factors, and which app they say it of."""
