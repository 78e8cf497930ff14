"""vegraph: one live GraphQL graph over ERP data that stays in the ERP."""

import sys

__version__ = "0.1.0"

# httpx brings its own command line wherever click and rich are installed, and loads it with itself: 60 ms of a start.
# Told that it is not there, httpx does without, as it does where they are not.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
