"""Draw graphs and networks as DOT."""
