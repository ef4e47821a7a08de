"""The digest of a notebook's code, held against its definition by way of the standard library's JSON and sha256sum."""

from __future__ import annotations

import hashlib
import json
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from second_edition.evidence.cells import code_digest as digest_of
from second_edition.evidence.cells import digest_of_bundle


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
@example(["a\n\n", '\x00\x1f\x7f\u2028"\\/\b\f\r\t', "鍵 🔑"])
def test_the_digest_is_over_the_sources_as_a_list_without_spaces(sources: list[str]) -> None:
    told = json.dumps([source.rstrip("\n") for source in sources], ensure_ascii=False, separators=(",", ":"))
    done = subprocess.run(["sha256sum"], input=told.encode(), capture_output=True, check=True)
    assert digest_of(sources) == done.stdout.decode().split()[0]


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        digest_of(["\ud800"])


@given(st.dictionaries(st.text(st.characters()), st.text(st.characters()), max_size=4))
@settings(max_examples=300, deadline=None)
@example({"\ud800": '\x00\x1f\x7f\u2028"\\/', "é": "🔑", "z": "\udfff"})
def test_a_bundle_s_digest_is_of_the_json_that_the_standard_library_writes(bundle: dict[str, str]) -> None:
    text = json.dumps(bundle, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert digest_of_bundle(bundle) == hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
