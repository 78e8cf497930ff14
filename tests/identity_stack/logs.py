"""Everything that is logged while the stack runs, kept to be searched: no secret may be in it (I12, T09)."""

import logging

__all__ = ["Net"]


class Net(logging.Handler):
    """Catches what any logger says, as it said it: before a redacting filter had a look."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._format = logging.Formatter("%(name)s %(levelname)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line, traceback included."""
        self.lines.append(self._format.format(record))

    def __enter__(self) -> "Net":
        root = logging.getLogger()
        root.addHandler(self)
        self._levels = {logger: logger.level for logger in (root, logging.getLogger("vegraph"))}
        root.setLevel(logging.INFO)
        logging.getLogger("vegraph").setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        for logger, level in self._levels.items():
            logger.setLevel(level)

    def holding(self, *needles: str) -> list[str]:
        """The lines with one of these texts in them."""
        return [line for line in self.lines if any(needle in line for needle in needles)]
