"""to come"""

from typing import Any


async def run_mutations(run: Any) -> None:
    raise NotImplementedError
