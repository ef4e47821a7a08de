"""What a run signs of its own, and what the identity's next run adds."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from second_edition.engine import earlier_records
from second_edition.engine.gate import Gate, Unsearched
from second_edition.engine.run import Run, RunRefused
from second_edition.errors import AccessError, ByodkimError, ParameterError
from second_edition.events import run as events
from second_edition.events.run import Closed
from second_edition.evidence import journal, seal, sealing_key, timestamp
from second_edition.evidence.cells import HEADLINE
from second_edition.evidence.seal import SealError, read_seal, seal_path
from second_edition.launch.command_line import main
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.kept import Kept, kept
from tests.second_edition.engine.played import Stage
from tests.second_edition.events.noted import noted
from tests.second_edition.evidence import journals
from tests.second_edition.evidence.authority import Authority
from tests.second_edition.verification.judged import judge


@pytest.fixture
def world(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return kept(stage, tmp_path, monkeypatch)


def outcome(run: Run) -> str:
    """The outcome that the run's seal states; it is of the journal, by the local key."""
    found, own = read_seal(seal_path(run.journal.path)), sealing_key.own(os.environ)
    assert own is not None
    seal.check_seal(found, journal.read(run.journal.path), {own.keyid: own})
    return str(found.predicate["outcome"])


def test_a_dead_custodian_does_not_keep_the_record_from_being_sealed_or_its_headline_from_being_shown(
    world: Kept, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    world.profile(timestamp_url=authority.url, timestamp_roots="tsa/root.pem")
    authority.answer = b"<html>closed for the day</html>"
    with pytest.raises(SealError):
        world.run()  # the next run makes up for its timestamp
    run = world.stage.begin(target="aws")
    world.stage.play(run, "compare")
    os.kill(run.custodian.pid, 9)
    with pytest.raises(ByodkimError):
        run.custodian.ask("caller").result(timeout=600)
    monkeypatch.setattr(Gate, "alive", True)  # it may end between two looks
    with pytest.raises(Unsearched):  # nothing more can be searched: the run ends, and its record is complete
        world.stage.step(run, "hand_over")
    assert outcome(run) == "FAILED"
    closed = run.record.of(Closed)
    assert closed is not None
    assert HEADLINE in {one.step for one in closed.shown}


def begun_before_a_file_is_in_the_way(world: Kept, state: Path) -> Run:
    run = world.stage.begin(target="aws")
    shutil.rmtree(state, ignore_errors=True)
    state.write_text("in the way")
    return run


def test_a_record_that_cannot_be_sealed_says_so_and_stays_unsealed(world: Kept, tmp_path: Path) -> None:
    run = begun_before_a_file_is_in_the_way(world, tmp_path / "state")
    with pytest.raises(SealError, match=r"The sealing key .* cannot be read or made") as raised:
        world.stage.play(run)
    assert raised.value.code == "key.unreadable"
    unsealed = world.stage.runs[-1]
    assert unsealed.record.outcome is Outcome.PLANNED
    world.stage.sandbox.unpublish()
    (tmp_path / "state").unlink()
    run = begun_before_a_file_is_in_the_way(world, tmp_path / "state")
    with pytest.raises(RunRefused):
        world.stage.play(run)
    rewritten = world.stage.runs[-1].journal.path
    forge(rewritten, b'"reason":""', b'"reason":"yearly rotation"')
    (tmp_path / "state").unlink()
    world.stage.sandbox.publish()
    following = world.run()
    assert following.record.all_of(events.Kept) == ()
    # A later run that signed them would vouch for what anyone had written there in the meantime.
    for path in (unsealed.journal.path, rewritten):
        assert not seal_path(path).exists()
        assert main(["archive", str(path)]) == 1
        assert not seal_path(path).exists()
    assert seal_path(following.journal.path).exists()


def test_a_plan_that_could_not_be_sealed_does_not_begin(world: Kept, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    before = set(tmp_path.rglob("*"))
    with pytest.raises(AccessError, match=r"cannot be read or made \(Not a directory\)\. Nothing was read or written"):
        world.stage.begin(target="aws")
    assert set(tmp_path.rglob("*")) == before


def test_a_disk_that_takes_no_seal_leaves_a_run_for_which_the_next_one_accounts(
    world: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(seal, "create", full)
        with pytest.raises(SealError, match="No space left on device") as raised:
            world.run()
    assert "outcome" not in str(raised.value)  # none stands in the journal
    assert raised.value.what.endswith("so this run's record stays open and unsigned.")
    assert raised.value.todo.startswith("Make room or give write access, then run the same command again")
    left = world.stage.runs[-1]
    assert (journal.read(left.journal.path).of(Closed), seal_path(left.journal.path).exists()) == (None, False)
    assert [(one.run, one.verdict) for one in judge(left.folder)] == [(left.id, "off")]
    following = world.run()
    verdicts = {one.run: one.verdict for one in judge(left.folder)}
    assert verdicts == {left.id: "stopped", following.id: "verified"}


def forge(path: Path, old: bytes, new: bytes) -> None:
    """Rewrites a journal and rebuilds its chain, as anyone can who may write to the folder."""
    events = [json.loads(line) for line in path.read_bytes().replace(old, new, 1).splitlines()]
    head = events[0]["previous_line"]
    with path.open("wb") as file:
        for event in events:
            line = journal.canonical(event | {"previous_line": head}).encode() + b"\n"
            head = hashlib.sha256(line).hexdigest()
            file.write(line)
    assert journal.read(path).head == head


def test_a_timestamp_that_was_not_had_is_asked_for_again(world: Kept, authority: Authority) -> None:
    before = world.run()
    world.profile(timestamp_url=authority.url, timestamp_roots="tsa/root.pem")
    authority.answer = b"<html>closed for the day</html>"
    with pytest.raises(SealError, match="its timestamp, a copy of it or its published head is missing"):
        world.run()
    unstamped = world.stage.runs[-1]
    assert (unstamped.record.outcome, outcome(unstamped)) == (Outcome.PLANNED, "PLANNED")
    authority.answer, authority.asked = b"", 0
    for path in (unstamped.journal.path, seal_path(unstamped.journal.path)):  # beside it, under a name that is no text
        shutil.copyfile(path, os.fsencode(path.parent) + b"/\xff." + os.fsencode(path.name))
    # Newer runs of another identity in the same archive, and such of this one as never closed: anybody can leave them.
    for number in range(2 * earlier_records.LOOKED_AT):
        domain = "other.example.jp" if number % 2 else world.stage.sandbox.facts.domain
        journals.run(unstamped.folder, identifier=f"99990101T000000Z-{number:04}", domain=domain)
    following = world.run()
    (made_up,) = following.record.all_of(events.Kept)
    assert (made_up.of, made_up.faults, authority.asked) == (unstamped.id, (), 2)
    stamped = {
        run.id: timestamp.path_of(seal_path(run.journal.path)).exists() for run in (before, unstamped, following)
    }
    # The first run did not ask for a timestamp, and gets none later.
    assert stamped == {before.id: False, unstamped.id: True, following.id: True}
    assert following.sealed is not None
    assert following.sealed.stamped is not None


def test_a_rehearsal_reaches_nothing_that_the_profile_names(world: Kept, authority: Authority) -> None:
    arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"
    how = {"timestamp_url": authority.url, "timestamp_roots": "tsa/root.pem", "archive_s3": "s3://example-jp-archive"}
    world.profile(seal_key=arn, **how)
    run = world.stage.begin()
    world.stage.play(run)
    assert (outcome(run), authority.asked) == ("PLANNED", 0)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"timestamp_url": "http://127.0.0.1:1/"}, "only one of timestamp_url and timestamp_roots"),
        ({"archive_retention_days": 1}, "no archive_s3"),
        ({"archive_s3": "example-jp-archive"}, "archive_s3 in"),
        ({"timestamp_url": "file:///etc/passwd", "timestamp_roots": "root.pem"}, "timestamp_url in"),
    ],
)
def test_a_profile_that_asks_for_half_a_thing_is_refused(world: Kept, keys: dict[str, object], said: str) -> None:
    world.profile(**keys)
    with pytest.raises(ParameterError, match=said):
        world.stage.begin(target="aws")


def test_what_is_missing_is_made_up_for_by_command(
    world: Kept, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    how = {"timestamp_url": authority.url, "timestamp_roots": "tsa/root.pem", "archive_s3": "s3://example-jp-archive"}
    world.profile(**how)
    with pytest.raises(SealError, match="のいずれかが欠けています"):
        world.run(language="ja")
    run = world.stage.runs[-1]
    capsys.readouterr()
    assert main(["archive", str(run.journal.path), "--language", "en"]) == 1
    assert "No copy could be made at s3://example-jp-archive/example.jp/" in capsys.readouterr().out
    world.profile(**{**how, "archive_s3": ""})
    timestamp.path_of(seal_path(run.journal.path)).unlink()
    assert main(["archive", str(run.journal.path)]) == 0
    said = capsys.readouterr().out
    assert run.journal.path.name in said
    assert "記録は電子署名されています。" in said
    assert "タイムスタンプ" in said
    assert outcome(run) == "PLANNED"
    unfinished = run.journal.path.with_name("a.20261124T000000Z-0001.journal.jsonl")
    unfinished.write_bytes(run.journal.path.read_bytes().split(b"\n")[0] + b"\n")
    assert main(["archive", str(run.journal.path), str(unfinished)]) == 2
    assert "is the journal of a run that did not come to its end" in capsys.readouterr().err
    unfinished.write_bytes(b"{}\n")
    assert main(["archive", str(unfinished)]) == 2
    assert "is not the sound journal of a run" in capsys.readouterr().err


def test_runs_are_sealed_and_form_a_chain(world: Kept) -> None:
    first = world.run()
    assert outcome(first) == "PLANNED"
    assert first.record.begin.keeping == noted(events.Keeping)
    world.stage.sandbox.unpublish()
    with pytest.raises(RunRefused):
        world.run()
    refused = world.stage.runs[-1]
    assert outcome(refused) == "REFUSED"
    told = read_seal(seal_path(refused.journal.path)).predicate["previous"]
    assert told == {"run": first.id, "head": first.journal.head}
