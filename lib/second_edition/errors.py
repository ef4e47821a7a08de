"""The one tree of errors. Each says, in one paragraph, what happened, what it means for mail and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from second_edition.messages import Language

#: What is shown of a line break that a value brings into a sentence.
BREAK: Final = "‹U+000A›"


def paragraph(*sentences: str | None) -> str:
    """Return sentences as one paragraph: no space after a Japanese full stop, and the line breaks of values spelled."""
    return " ".join(filter(None, sentences)).replace("。 ", "。").replace("\n", BREAK)


class ByodkimError(Exception):
    """An error that a person is meant to read: its text is one paragraph and holds no secret."""

    def __init__(self, what: str, means: str = "", todo: str = "") -> None:
        self.what, self.means, self.todo = what, means, todo
        super().__init__(self.diagnostics())

    @classmethod
    def said(
        cls, topic: str, key: str, language: Language, means: str = "", todo: str = "", /, **values: object
    ) -> Self:  # fmt: skip
        """Return the error whose sentences stand in a catalogue.

        Args:
            topic: the catalogue.
            key: of what happened.
            language: of the sentences.
            means: key of what it means for mail, ``topic/key`` where of another catalogue; else ``key.means``, if any.
            todo: key of what to do next, likewise; else ``key.todo``, if any.
            values: named in any of the sentences.
        """
        from second_edition.messages import find, say  # the custodian, which renders nothing, raises errors too

        def part(name: str, usual: str) -> str:
            other, _, own = name.rpartition("/")
            return say(other or topic, own, language, **values) if name else find(topic, usual, language, **values)

        return cls(say(topic, key, language, **values), part(means, f"{key}.means"), part(todo, f"{key}.todo"))

    def diagnostics(self) -> str:
        """Return one paragraph: what happened, what it means for mail, what to do next."""
        return paragraph(self.what, self.means, self.todo)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a stack trace."""
        return [f"{type(self).__name__}: {self.diagnostics()}"]


class ParameterError(ByodkimError):
    """A parameter or a profile is wrong. Nothing was read or written."""


class AccessError(ByodkimError):
    """AWS, DNS or a file could not be read. Nothing was written."""


class CustodyError(ByodkimError):
    """The custodian could not be started, died, or answered what its protocol does not know."""


class SandboxError(ByodkimError):
    """The sandbox could not be started or reached."""
