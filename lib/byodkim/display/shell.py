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
CHARSET: Final = '<meta charset="utf-8">\n'
#: Names what says what a page was made from.
MADE: Final = "byodkim-made"


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
{CHARSET}<meta http-equiv="Content-Security-Policy" content="{policy}">
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


def marked(html: str, made_from: str) -> str:
    """A page that says what it was made from, and by a hash that it is still what was made."""
    told = f"{made_from}-{hashlib.sha256(html.encode()).hexdigest()}"
    return html.replace(CHARSET, f'{CHARSET}<meta name="{MADE}" content="{told}">\n', 1)


def unchanged(data: bytes, made_from: str) -> bool:
    """Return whether the bytes of a file are a page as it was made from that, to the last byte."""
    before, _, rest = data.partition(f'<meta name="{MADE}" content="{made_from}-'.encode())
    given, _, after = rest.partition(b'">\n')
    return bool(rest) and given == hashlib.sha256(before + after).hexdigest().encode()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
