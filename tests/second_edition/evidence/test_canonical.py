"""The canonical JSON of plans is RFC 8785's: its own samples where they apply, and what a plan can hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from second_edition.aws import raw
from second_edition.evidence.journal import canonical, digest
from tests.second_edition.rotation import approvals
from tests.second_edition.rotation.approvals import PLAN

# RFC 8785 section 3.2.2: the sample's string and literals, and their serialization (3.2.4 gives the same as UTF-8).
SAMPLE = json.loads(
    '{"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}'
)
SERIALIZED = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
SERIALIZED_UTF8 = bytes.fromhex(
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c"
    "22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d"
)
# RFC 8785 section 3.2.3, without the name outside of the Basic Multilingual Plane: a plan's names are ASCII.
UNSORTED = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
}
SORTED = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ufb33"]
# RFC 8785 section 3.2.2.2 names these escapes; every other control character is \u00xx in lower case.
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def test_the_rfc_s_sample() -> None:
    assert canonical(SAMPLE) == SERIALIZED
    assert canonical(SAMPLE).encode() == SERIALIZED_UTF8


def test_the_rfc_s_order_of_names() -> None:
    assert list(json.loads(canonical(UNSORTED))) == SORTED


def test_every_character_is_spelled_as_the_rfc_says() -> None:
    for code in (*range(0x100), 0x2028, 0xFFFF, 0x1F511):
        char = chr(code)
        spelled = SHORT.get(char, char if code >= 0x20 else f"\\u{code:04x}")
        assert canonical({char: [char]}) == f'{{"{spelled}":["{spelled}"]}}'


def test_numbers_are_spelled_as_javascript_saves_them() -> None:
    """JupyterLab saves 14.0 as 14: a record that was only opened there and saved must verify all the same."""
    told = {"a": 14.0, "b": [2.5, -0.0, (3.0,)], "c": True, "d": {"e": 1e3}}
    assert canonical(told) == '{"a":14,"b":[2.5,0,[3]],"c":true,"d":{"e":1000}}'
    # By which a call says that its answer was the same as an earlier one's: a time may be whole, too.
    assert raw.digest({"CreatedDate": 1764460000.0}) == raw.digest({"CreatedDate": 1764460000})


def parts(data: Any) -> Iterator[tuple[str, Any]]:
    """Every name and every value that is no container."""
    for name, value in data.items():
        yield name, None
        for inner in value if isinstance(value, list) else [value]:
            yield from parts(inner) if isinstance(inner, dict) else [("", inner)]


def test_plans_hold_nothing_else() -> None:
    for plan in (PLAN, approvals.DRIFTED, approvals.NOTHING):
        plain = json.loads(json.dumps(plan.content()))
        assert all(name.isascii() for name, _ in parts(plain))
        assert {type(value) for _, value in parts(plain)} <= {str, bool, type(None)}
        assert digest(plan.content()) == plan.digest == hashlib.sha256(canonical(plain).encode()).hexdigest()
