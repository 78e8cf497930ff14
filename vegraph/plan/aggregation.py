"""to come"""

from typing import Any


async def aggregate(run: Any, root: Any, binding: Any, values: Any) -> Any:
    raise NotImplementedError
