"""What a new entry does to a secret of each layout, and what stops it."""

import json
from typing import Any

import pytest

from byodkim.aws.secret import parse
from byodkim.aws.secret_store import Misfit, NewEntry, with_entry
from byodkim.custody.settings import KeyPlace
from tests.sandbox.tools import CURRENT, NEW

ENTRY = NewEntry("example.jp", NEW, "v=DKIM1; p=bmV3", KeyPlace("bucket", "a/key.pem"))
RECORD = {"value": "v=DKIM1; p=b2xk"}
OLD = {"selector": CURRENT, "dns_record": RECORD, "s3_key_path": "old.pem"}

FITS: dict[str, tuple[Any, int]] = {
    "single": (OLD, 0),
    "single, fields of others": (OLD | {"owner": "mail team", "domain": "Example.jp."}, 0),
    "single, flat": ({"selector": CURRENT, "dns_record.value": "v=DKIM1; p=b2xk"}, 0),
    "single, with name and type": (
        OLD | {"dns_record": {"name": "x", "type": "TXT", "value": "v=DKIM1; p=b2xk"}},
        0,
    ),
    "selectors": ({"selectors": [OLD], "note": "kept"}, 1),
    "domains": ({"example.jp": {"selectors": [OLD]}, "example.net": OLD}, 2),
    "domains, single": ({"example.jp": OLD, "example.net": OLD}, 1),
    "domains, another one": ({"example.net": OLD}, 1),
}

MISFITS: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "JSON"),
    "no object": ([], "selector"),
    "a name twice": ('{"selector": "a", "selector": "b"}', "JSON"),
    "named already": ({"selectors": [OLD | {"selector": NEW}]}, NEW),
    "public key": (OLD | {"public_key": "x"}, "public_key"),
    "expiry": (OLD | {"expiresAt": "2027"}, "expiresAt"),
    "fingerprint": (OLD | {"sha256": "x"}, "sha256"),
    "the old selector in a text": (OLD | {"note": [CURRENT]}, "note"),
    "more about the old record": (OLD | {"dns_record": {**RECORD, "checked": 1}}, "dns_record"),
    "another domain": (OLD | {"domain": "example.net"}, "domain"),
    "too long": ({"selectors": [OLD], "note": "x" * 65536}, "length"),
}


def text_of(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content)


@pytest.mark.parametrize(("content", "kept"), FITS.values(), ids=FITS)
def test_fits(content, kept):
    """The new entry is read as written; so many old ones stay, and every field of others."""
    entered = json.loads(with_entry(text_of(content), ENTRY))
    entries = parse(entered)[1]
    new = [each for each in entries if each.selector == NEW]
    assert [(e.domain, e.record, e.bucket, e.path) for e in new] == [
        ("example.jp", ENTRY.record, "bucket", "a/key.pem")
    ]
    assert len(entries) - 1 == kept
    assert all(each.record == "v=DKIM1; p=b2xk" for each in entries if each not in new)
    others = {"owner", "note"} & set(content)
    assert {name: entered[name] for name in others} == {name: content[name] for name in others}


@pytest.mark.parametrize(("content", "field"), MISFITS.values(), ids=MISFITS)
def test_misfits(content, field):
    with pytest.raises(Misfit) as misfit:
        with_entry(text_of(content), ENTRY)
    assert str(misfit.value) == field
