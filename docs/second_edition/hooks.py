"""What ``mkdocs build`` does to a page besides rendering it: the link to the tutorial, and the page's own language."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.localization import install_translations, parse_locale

_JAPANESE = re.compile(r"docs/ja/|\.ja\.md$")
_environment: list[Any] = []


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead links to the tutorial's notebook to the page that is made of it."""
    return markdown.replace("tutorial.ipynb)", "tutorial.md)")


def on_env(env: Any, **_: Any) -> Any:
    """Remember the templates' environment."""
    _environment[:] = [env]
    return env


def on_page_context(context: Any, page: Any, config: Any, **_: Any) -> Any:
    """Put the interface around a page into the page's language; mkdocs has one language for all."""
    config.theme["locale"] = parse_locale("ja" if _JAPANESE.search(page.file.src_uri) else "en")
    install_translations(_environment[0], config.theme.locale, config.theme.dirs)
    return context
