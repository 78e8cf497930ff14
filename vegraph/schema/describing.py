"""Descriptions: captions and help texts of the ERP, and how a thing is called on the wire where that differs."""

from __future__ import annotations

__all__ = ["deprecation", "description"]


def description(label: str | None, text: str | None, wire: str | None = None, graph: str = "") -> str | None:
    """Caption, help text, wire name; each once. None where there is nothing to say."""
    parts = []
    if label and label.strip():
        parts.append(_sentence(label))
    if text and text.strip() and text.strip() != (label or "").strip():
        parts.append(_sentence(text))
    if wire is not None and wire != graph:
        parts.append(f"On the wire: `{wire}`.")
    return " ".join(parts) or None


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def deprecation(reason: str | None) -> str | None:
    """The reason for `@deprecated`; None: it is not."""
    if reason is None:
        return None
    return reason.strip() or "The service calls it obsolete."
