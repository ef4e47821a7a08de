"""What ``mkdocs build`` does to a page besides rendering it."""

from __future__ import annotations

from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead links to the tutorial's notebook to the page that is made of it."""
    return markdown.replace("tutorial.ipynb)", "tutorial.md)")
