"""What vegraph.toml can say: one small frozen value per table, each key with default, unit and a sentence."""

from vegraph.app.settings.limits import Limits
from vegraph.app.settings.load import Settings, load, parse
from vegraph.app.settings.server import Server
from vegraph.app.settings.sources import Fixed, Relationship, Source

__all__ = ["Fixed", "Limits", "Relationship", "Server", "Settings", "Source", "load", "parse"]
