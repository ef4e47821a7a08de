"""English that is left in Japanese: words that are neither a name, a code, a value nor part of a command."""

from __future__ import annotations

import re
from typing import Final

from second_edition.launch.command_line import COMMANDS
from second_edition.settings import FIELDS, KEYS

#: Names of programs and services, of header fields, values of parameters, and a rehearsal's mark.
NAMES: Final = frozenset(
    {
        *FIELDS, *KEYS, *COMMANDS, "byodkim", "papermill", "aws", "dkimpy", "octoDNS", "boto3", "JupyterLab",
        "custodian", "commit", "nbformat", "Route", "Secrets", "Manager", "Easy", "From", "Date", "plan", "apply",
        "twin", "sandbox", "default", "staging", "en", "ja", "true", "false", "explore", "do", "not", "publish",
    }
)  # fmt: skip
_COMMANDS: Final = re.compile(r"`[^`]*`|'[^']*'|\b(?:papermill notebooks|aws \w+|byodkim [a-z]+ ).*|-[pr] \w+")
_WORD: Final = re.compile(r"(?<![\w./:@=<>?*(-])[A-Za-z]+(?![\w./:@=*-])")


def english_in(text: str) -> set[str]:
    """Return the words of a Japanese text that are English; codes of AWS are none."""
    found = _WORD.findall(_COMMANDS.sub("", text))
    return {word for word in found if not word.isupper() and not word.endswith("Exception")} - NAMES
