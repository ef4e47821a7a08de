"""Before and after: every field of the identity, the unchanged ones too."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from second_edition.rotation.observation import EXTERNAL, SUCCESS, Identity

EXPECTED = {"status": SUCCESS, "signing_enabled": "true", "signing_origin": EXTERNAL, "verified_for_sending": "true"}
FIELDS = tuple(name for name in Identity.__struct_fields__ if name != "name")
# The run sheet's own four rows.
RUN_SHEET = ("selectors", "status", "signing_enabled", "signing_origin")


class Row(Struct, frozen=True):
    """One field: before, after, what it should be ("" where nothing is required). ``unknown``: nobody knows after."""

    field: str
    before: str
    after: str
    expected: str
    unknown: bool = False

    @property
    def changed(self) -> bool:
        """Return whether before and after differ."""
        return self.before != self.after and not self.unknown

    @property
    def as_expected(self) -> bool:
        """Return whether the field is as it should be; true where nothing is asked of it."""
        return not self.expected or self.after == self.expected or self.unknown


def compare(
    before: Identity, after: Identity, selector: str, unknown: Collection[str] = frozenset()
) -> tuple[Row, ...]:
    """Return all of DkimAttributes, the sending status and the verification, one row a field.

    ``unknown``: the fields of which it is not known how they stand after.
    """
    expected = {**EXPECTED, "selectors": selector}
    return tuple(
        Row(name, shown(getattr(before, name)), shown(getattr(after, name)), expected.get(name, ""), name in unknown)
        for name in FIELDS
    )


def shown(value: object) -> str:
    """Return a field as a person reads it: SES's own spelling, ``true``/``false``, "" where SES says nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else str(value)
