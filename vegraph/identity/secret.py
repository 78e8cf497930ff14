"""Text that must not be seen: tokens, client secrets, keys."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import NoReturn

__all__ = ["Secret"]


class Secret:
    """Text whose `repr`, `str` and `format` are masked (T40); `reveal` gives it where it is sent, and nowhere else."""

    __slots__ = ("__digest", "__text")

    def __init__(self, text: str) -> None:
        self.__text = text
        self.__digest: bytes | None = None

    def reveal(self) -> str:
        """The text itself."""
        return self.__text

    def digest(self) -> bytes:
        """SHA-256 of the text: stands for it as a cache key (I9)."""
        if self.__digest is None:
            self.__digest = sha256(self.__text.encode()).digest()
        return self.__digest

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__text.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not written anywhere: it can't be pickled or copied.")
