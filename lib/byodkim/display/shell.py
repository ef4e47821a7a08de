"""What every page stands in: one HTML file that asks for nothing from elsewhere, and by its policy may not."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import byodkim
from byodkim.display.markup import escaped
from byodkim.messages import Language

#: How every page begins: by this a file is known as one that may be replaced by another page.
FIRST_LINE: Final = "<!doctype html><!-- byodkim record -->"


def document(title: str, language: Language, body: str, styles: Sequence[str], script: str = "") -> str:
    """A page as HTML.

    Args:
        title: of the document, plain text.
        language: of its words.
        body: HTML.
        styles: names of style sheets of this package, put together in this order.
        script: the text of the one script that may run; none may where it is "".
    """
    style = "\n".join(files("byodkim.display").joinpath(name).read_text(encoding="utf-8") for name in styles)
    allowed = [f"style-src {_hash(style)}", *([f"script-src {_hash(script)}"] if script else [])]
    policy = f"default-src 'none'; {'; '.join(allowed)}; img-src data:; base-uri 'none'; form-action 'none'"
    end = f"<script>{script}</script>\n" if script else ""
    return f"""{FIRST_LINE}
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="byodkim {escaped(byodkim.__version__)}">
<title>{escaped(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
{end}</body>
</html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
