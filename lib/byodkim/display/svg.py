"""Drawings as SVG: shapes and text, every word of which is escaped. They ask for nothing and run nothing."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup, escape

from byodkim.display.blocks import visible

INK: Final = "currentColor"


def shape(tag: str, *inner: str | Markup, **attributes: object) -> Markup:
    """Render an element; ``font_size`` is written ``font-size``, and text within it is escaped."""
    named = "".join(f' {name.rstrip("_").replace("_", "-")}="{_text(value)}"' for name, value in attributes.items())
    content = "".join(_text(one) for one in inner)
    return Markup(f"<{tag}{named}>{content}</{tag}>" if inner else f"<{tag}{named}/>")  # noqa: S704 - escaped


def drawing(width: float, height: float, title: str, *shapes: Markup, kind: str = "") -> Markup:
    """Render a drawing of so many units, and in a sentence what it shows."""
    return shape(
        "svg", Markup("\n"), *(Markup("{}\n").format(one) for one in shapes), xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=title, font_family="monospace", font_size=13,
        fill=INK, width=width, height=height, class_=kind,
    )  # fmt: skip


def _text(value: object) -> str:
    return str(value if isinstance(value, Markup) else escape(visible(str(value))))
