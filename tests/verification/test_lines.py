"""Lines of a journal dropped, swapped, added, rewritten: as they are, chained again, sealed again with another key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from byodkim.evidence import journal, sealing_key
from byodkim.evidence.dsse import Signature
from byodkim.evidence.seal import seal, seal_path
from byodkim.evidence.sealing_key import SealingKey, public_half
from byodkim.intent.trust import Trusted
from tests.verification.judged import codes, faults, journal_of, judge, seal_of
from tests.verification.made import Events, events_of, forge, reseal, signer, write

Lines = list[bytes]


def dropped(lines: Lines, place: int) -> Lines:
    return lines[:place] + lines[place + 1 :]


def doubled(lines: Lines, place: int) -> Lines:
    return lines[: place + 1] + lines[place:]


def swapped(lines: Lines, place: int) -> Lines:
    other = (place + 1) % len(lines)
    changed = list(lines)
    changed[place], changed[other] = lines[other], lines[place]
    return changed


def cut(lines: Lines, place: int) -> Lines:
    return lines[:place]


@pytest.mark.parametrize("act", [dropped, doubled, swapped, cut])
@pytest.mark.parametrize("chained", [False, True], ids=["as-they-are", "chained-again"])
def test_at_every_line(chain: Path, act: Callable[[Lines, int], Lines], chained: bool) -> None:
    path = journal_of(chain, "apply")
    lines, missed = path.read_bytes().splitlines(keepends=True), []
    (chain / "apply.ipynb").unlink()  # without it too: it holds a copy
    for place in range(len(lines)):
        path.write_bytes(b"".join(act(lines, place)))
        if chained and path.stat().st_size:
            write(path, events_of(path))
        (one,) = judge(path)
        if one.verdict == "verified":
            missed.append(place)
    assert missed == []


def test_a_line_added_at_the_end(chain: Path) -> None:
    path = journal_of(chain, "back")
    for more in (b"x", b"{}\n", path.read_bytes().splitlines(keepends=True)[-1]):
        before = path.read_bytes()
        path.write_bytes(before + more)
        assert "back" in faults(judge(chain))
        path.write_bytes(before)
    assert faults(judge(chain)) == {}


def other_reason(events: Events) -> None:
    events[0]["reason"] = "another"


def test_rewritten_and_chained_again_the_seal_tells(chain: Path) -> None:
    forge(chain, "back", other_reason, None)
    assert {"seal-other-journal", "copy-differs"} <= faults(judge(chain))["back"]


def test_sealed_again_with_another_key_is_not_sealed_by_who_is_trusted(chain: Path) -> None:
    key = Ed25519PrivateKey.generate()
    forge(chain, "back", other_reason, key)
    assert "seal-unknown-key" in faults(judge(chain))["back"]
    # Whoever trusts that key sees no fault in the seal; the notebook still tells of the other journal.
    theirs = public_half(key)
    trust = Trusted({theirs.keyid: theirs}, {theirs.keyid: "given"})
    assert faults(judge(chain, trust=trust))["back"] == {"copy-differs"}


def test_under_a_trusted_name_but_another_s_signature(chain: Path) -> None:
    """The envelope says that the trusted key made it."""
    trusted = own_key()
    forge(chain, "back", other_reason, None)
    path = seal_of(chain, "back")
    path.unlink()
    mine = signer(Ed25519PrivateKey.generate())
    seal(journal.read(journal_of(chain, "back")), lambda text: Signature(mine(text).signature, trusted.der))
    assert "seal-forged" in faults(judge(chain))["back"]


def own_key() -> SealingKey:
    found = sealing_key.own()
    assert found is not None
    return found


def test_an_insider_who_seals_an_earlier_run_anew_is_told_by_the_next(chain: Path) -> None:
    """With the very key: its notebook aside, only the run after it knows what it was."""
    forge(chain, "plan", other_reason, None)
    reseal(journal_of(chain, "plan"))
    (chain / "plan.ipynb").unlink()
    assert faults(judge(chain)) == {"apply": {"previous-altered"}}


def test_a_seal_taken_away_or_taken_from_another(chain: Path) -> None:
    seal_of(chain, "again").unlink()
    assert faults(judge(chain)) == {"again": {"unsealed"}}
    shutil.copyfile(seal_of(chain, "apply"), seal_path(journal_of(chain, "again")))
    assert faults(judge(chain)) == {"again": {"seal-other-run"}}


def test_a_file_that_is_no_seal(chain: Path) -> None:
    seal_of(chain, "again").write_bytes(b"{}")
    assert faults(judge(chain)) == {"again": {"seal-malformed"}}
    assert any("seal" in finding.text for one in judge(chain) for finding in one.findings if finding.fault)


@pytest.mark.parametrize("kept", [0, 1, 500])
def test_a_journal_cut_within_its_first_line_is_no_run_that_never_began(chain: Path, kept: int) -> None:
    journal = journal_of(chain, "back")
    journal.write_bytes(journal.read_bytes()[:kept])
    assert {code for one in judge(chain) if one.files.journal == journal for code in codes(one)} == {"emptied"}
    seal_of(chain, "back").unlink()
    assert not judge(journal)[0].sound  # its notebook names it
    (chain / "back.ipynb").unlink()
    assert judge(journal)[0].sound  # nothing tells that it ever was more


def test_a_name_changed_by_its_owner_is_no_fault(chain: Path) -> None:
    for path in (journal_of(chain, "plan"), seal_of(chain, "plan")):
        path.rename(path.with_name(f"CHG-1.{path.name.partition('.')[2]}"))
    (chain / "plan.ipynb").unlink()
    assert faults(judge(chain)) == {}
    assert any("renamed" in codes(one) for one in judge(chain))
