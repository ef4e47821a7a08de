"""Define the error of what the sandbox refuses to do."""

from __future__ import annotations

import gettext
from typing import Final

LAST_PORT: Final = 65535
TAKEN: Final = (
    "Another sandbox may stand there: go on with that one, stop it, or choose other ports with --port and "
    "--dns-port, such as 4600 and 5360."
)


class SandboxError(Exception):
    """Say what is wrong, and what to do about it, in the language that gettext speaks in this process.

    Attributes:
        what, todo: English sentences with names of ``values`` in braces; as they are said, once there is such an error.
    """

    def __init__(self, what: str, todo: str = "", **values: object) -> None:
        said = (gettext.gettext(text) if text else "" for text in (what, todo))
        self.what, self.todo = (text.format(**values) if values else text for text in said)
        space = "" if self.what.endswith("。") else " "  # which no Japanese sentence has behind it
        super().__init__(space.join(part for part in (self.what, self.todo) if part))
