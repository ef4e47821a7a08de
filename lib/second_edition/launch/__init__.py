"""The command line, and what can be known of the program that started a run."""

from __future__ import annotations

import argparse
import gettext
import sys
from collections.abc import Callable
from typing import Final

LAST_PORT: Final = 65535


def escape_unencodable() -> None:
    """Have standard output and error spell what the terminal's encoding lacks: that is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads an option's value as a whole number within bounds."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if not digits.isdecimal() or len(digits) > len(str(most)) or not least <= int(text) <= most:
            said = gettext.gettext("%(value)s is not a whole number from %(least)d to %(most)d")
            raise argparse.ArgumentTypeError(said % {"value": repr(text[:40]), "least": least, "most": most})
        return int(text)

    return read
