"""Define the error of what the sandbox refuses to do."""

from __future__ import annotations


class SandboxError(Exception):
    """Say what is wrong, and what to do about it."""

    def __init__(self, what: str, todo: str = "") -> None:
        self.what, self.todo = what, todo
        super().__init__(" ".join(part for part in (what, todo) if part))
