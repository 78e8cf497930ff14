"""`vegraph demo`: both ERPs, people to ask as, and the graph over them, on this machine alone."""

from vegraph.app.demo.start import Demo, start

__all__ = ["Demo", "start"]
