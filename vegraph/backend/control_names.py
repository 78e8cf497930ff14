"""Names of control information: since 4.01 a service may leave `odata.` out of them (JSON format 4.01, section 4.6).

The rest of vegraph knows the long names only, which every version has; answers of services that may speak 4.01 are
brought to them here.
"""

from __future__ import annotations

import re

__all__ = ["long_names"]

_SHORT = re.compile(
    rb'(?<=[{,\s])"([^"\\@]*)@'
    rb"(associationLink|context|count|deltaLink|editLink|etag|id|mediaContentType|mediaEditLink|mediaEtag|mediaReadLink"
    rb'|navigationLink|nextLink|readLink|removed|type)"(?=\s*:)'
)
"""A member name, never part of a value: within a text each quotation mark has a backslash before it."""


def long_names(body: bytes) -> bytes:
    """The same JSON with `@odata.nextLink` for `@nextLink`, `items@odata.count` for `items@count`, and so on."""
    return _SHORT.sub(rb'"\1@odata.\2"', body)
