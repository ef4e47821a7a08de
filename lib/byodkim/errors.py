"""Errors that a person reads: what happened, what it means for mail, and what to do next."""

import difflib
from collections.abc import Iterable

from byodkim.words import Sentence, _, joined


class ByodkimError(Exception):
    """Something that the person at work has to know.

    Attributes:
        what: what happened.
        mail: what it means for mail; ``None`` where it means nothing.
        todo: what to do next.
    """

    def __init__(
        self, what: Sentence, mail: Sentence | None = None, todo: Sentence | None = None
    ) -> None:
        super().__init__(what.text)
        self.what, self.mail, self.todo = what, mail, todo

    def __str__(self) -> str:
        """Return one paragraph in the language of this process."""
        return joined(self.what, self.mail, self.todo)


class InputError(ByodkimError):
    """A parameter, the profile or a command is wrong. Nothing was read or written."""


class CustodyError(ByodkimError):
    """The custodian died or could not start. ``code``: AWS's error code or one of ours; never AWS's
    text.
    """

    def __init__(self, code: str, what: Sentence, todo: Sentence | None = None) -> None:
        super().__init__(what, todo=todo)
        self.code = code


class RecordError(ByodkimError):
    """A journal, seal, approval or archive cannot be written, or does not hold together."""


class RunEnded(ByodkimError):
    """The run ended as REFUSED, FAILED or pending. Its record is closed and says the same."""


def near_name(name: str, known: Iterable[str]) -> Sentence:
    """Return the known name that was probably meant, or all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, 0.5)
    if near:
        return _("Did you mean {near}?", near=near[0])
    return _("These are known: {names}.", names=names)
