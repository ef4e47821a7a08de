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
        what, todo: English sentences with names of ``values`` in braces.
        values: what fills them in. What the system says of a file or a port, ``reason``, is translated too.
    """

    def __init__(self, what: str, todo: str = "", **values: object) -> None:
        self.what, self.todo, self.values = what, todo, values
        filled = {name: gettext.gettext(str(one)) if name == "reason" else one for name, one in values.items()}
        said = [gettext.gettext(text) for text in (what, todo) if text]
        space = "" if said[0].endswith("。") else " "  # which no Japanese sentence has behind it
        super().__init__(space.join(text.format(**filled) if values else text for text in said))

    def plain(self) -> dict[str, object]:
        """Return it as JSON-able values, for a client that speaks another language."""
        return {"error": self.what, "todo": self.todo, "values": {name: str(one) for name, one in self.values.items()}}
