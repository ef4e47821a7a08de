"""What earlier runs of a folder tell, who may seal what, and that the chain is one line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from byodkim.checks.world import History
from byodkim.errors import RecordError
from byodkim.finish import cover
from byodkim.record.approval import approve, find_approvals
from byodkim.record.archive import history, last_sealed, read_seals
from byodkim.record.seal import RunStatement, read_seal, seal_run
from byodkim.record.sealing_key import fingerprint
from byodkim.record.verify import verify_folder
from tests.record.archives import DIGEST, IDENTITY, Archive, new_key


def told(archive: Archive, **other: Any) -> History:
    trusted = {archive.mori.public: "mori", archive.sato.public: "sato"}
    asked: dict[str, Any] = IDENTITY | {"target": "aws", "trusted": trusted} | other
    return history(archive.folder, **asked)


def names(past: History) -> tuple[list[str], list[str]]:
    return [run.name for run in past.runs], [run.name for run in past.unfinished]


def test_history_is_of_one_identity_in_the_chain_s_order(original):
    past = told(original)
    assert names(past) == (["plan-1", "apply-1", "apply-2", "plan-2"], ["killed"])
    assert past.runs[1].signer == fingerprint(original.mori.public)
    assert past.runs[2].signer == fingerprint(original.sato.public)
    assert past.last_write() == past.runs[1]
    assert names(told(original, target="sandbox")) == (["rehearsal"], [])
    for other in ({"domain": "example.com"}, {"region": "eu-west-1"}, {"account": "1" * 12}):
        assert told(original, **other) == History()


def test_a_killed_run_left_a_selector_open(
    original,
):
    (left_open,) = told(original).unfinished
    assert (left_open.selector, left_open.before) == ("mail-20261124-1", "old")
    assert left_open.intended_at is not None
    assert not left_open.answered
    assert told(original, own="killed").unfinished == ()


def test_a_run_by_a_stranger_is_only_a_predecessor(empty):
    empty.run("first")
    empty.run("foreign", key=new_key())
    assert names(told(empty)) == (["first"], ["foreign"])
    name, head = last_sealed(empty.folder)
    assert name == "foreign"
    empty.run("second")
    assert names(told(empty)) == (["first", "second"], ["foreign"])
    assert read_seals(empty.folder)[-1].stated.previous_head == head


def altered(folder: Path) -> None:
    path = folder / "plan-1.journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"mori@host", b"sato@host"))


CHANGES: dict[str, Callable[[Path], object]] = {
    "altered": altered,
    "without a seal": lambda folder: (folder / "plan-1.seal.json").unlink(),
    "with a damaged seal": lambda folder: (folder / "plan-1.seal.json").write_text("{}"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_run_that_does_not_verify_is_not_believed(sample, change):
    change(sample.folder)
    assert names(told(sample)) == (["apply-1", "apply-2", "plan-2"], ["killed", "plan-1"])


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00\n" * 100)


def begun_and_garbage(path: Path) -> None:
    first = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(first + b'\xff write-intended\n{"event":"write-intended","n":-5}\n[[[[')


@pytest.mark.parametrize(
    ("damage", "unfinished"),
    [(garbage, []), (Path.unlink, []), (begun_and_garbage, ["killed"])],
)
def test_garbage_in_a_killed_runs_journal_stops_nothing(sample, damage, unfinished):
    damage(sample.folder / "killed.journal.jsonl")
    past = told(sample)
    assert len(past.runs) == 4
    assert [run.name for run in past.unfinished] == unfinished
    assert all(run.intended_at is None for run in past.unfinished)


CLOSER = """
import sys
from pathlib import Path
from tests.record.archives import Archive
archive = Archive(Path(sys.argv[1]))
for number in range(5):
    archive.run(f"run-{sys.argv[2]}-{number}")
print(archive.mori.public)
"""


def test_runs_that_close_at_once_make_one_line(empty):
    command = [sys.executable, "-c", CLOSER, str(empty.folder)]
    started = [
        subprocess.Popen([*command, number], stdout=subprocess.PIPE, text=True) for number in "1234"
    ]
    keys = [each.communicate()[0].strip() for each in started]
    report = verify_folder(empty.folder, dict.fromkeys(keys, "colleague"))
    assert report.verified, report.problems
    assert len(report.runs) == 20


def test_a_run_is_sealed_once(sample):
    seal = read_seal(sample.folder / "plan-1.seal.json")
    with pytest.raises(RecordError, match="sealed once"):
        seal_run(sample.folder, seal.stated, ["plan-1.journal.jsonl"], sample.mori)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("new", ["new.html"]),
        ("new", ["new.journal.jsonl", "new.journal.jsonl"]),
        ("new", ["new.journal.jsonl", "plan-1.html"]),
        ("new", ["new.journal.jsonl", "new.seal.json"]),
        ("index", ["index.journal.jsonl"]),
        (".new", [".new.journal.jsonl"]),
        ("a/new", ["a/new.journal.jsonl"]),
    ],
)
def test_a_seal_covers_files_of_its_own_run_only(sample, name, files):
    run = msgspec.structs.replace(read_seal(sample.folder / "plan-1.seal.json").run, name=name)
    with pytest.raises(RecordError, match="covers its journal and other files of that run"):
        seal_run(sample.folder, RunStatement(run), files, sample.mori)


def changed(archive: Archive) -> None:
    (archive.folder / "run.html").write_text("other")


def by_another(archive: Archive) -> None:
    archive.mori = new_key()


def gone(archive: Archive) -> None:
    (archive.folder / "run.ipynb").unlink()


@pytest.mark.parametrize(
    ("change", "extra", "reason"),
    [
        (changed, "run.ipynb", "run.html changed after run was signed"),
        (by_another, "run.ipynb", "another key than yours"),
        (gone, "run.ipynb", "run.ipynb is missing"),
        (Archive.verify, "run.html", "covers its journal and other files"),
        (Archive.verify, "other.ipynb", "covers its journal and other files"),
    ],
)
def test_no_file_is_added_to_another_record(empty, change, extra, reason):
    empty.run("run", ends="sealed")
    before = (empty.folder / "run.seal.json").read_bytes()
    change(empty)
    with pytest.raises(RecordError, match=reason):
        cover(empty.folder, "run", extra, empty.mori)
    assert (empty.folder / "run.seal.json").read_bytes() == before


def test_which_approvals_count(sample):
    approvers = {"tanaka": sample.tanaka.public, "sato": sample.sato.public}
    approve(sample.folder, "plan-1", DIGEST, "sato", sample.sato)

    def found(**other):
        asked: dict[str, Any] = {"digest": DIGEST, "approvers": approvers} | other
        return [each.approver for each in find_approvals(sample.folder, **asked)]

    assert found() == ["sato", "tanaka"]
    assert found(exclude=sample.sato.public) == ["tanaka"]
    assert found(digest="0" * 64) == []
    assert found(approvers={"yamada": new_key().public}) == []
    twice = approvers | {"also tanaka": sample.tanaka.public}
    assert len(found(approvers=twice)) == 2
    files = [sample.folder / "plan-1.approval-tanaka.json", sample.folder / "missing.json"]
    (only,) = find_approvals(files, DIGEST, approvers)
    assert (only.approver, only.file) == ("tanaka", files[0].name)


@pytest.mark.parametrize(
    ("plan", "digest", "approver", "reason"),
    [
        ("plan-1", DIGEST, "tanaka", "exists already"),
        ("plan-1", "0" * 64, "yamada", "did not end with the plan"),
        ("plan-9", DIGEST, "yamada", "is missing"),
        ("plan-1", DIGEST, "../yamada", "cannot be part"),
        ("plan-1", DIGEST, "", "cannot be part"),
    ],
)
def test_an_approval_is_of_a_plan_that_was_made(sample, plan, digest, approver, reason):
    with pytest.raises(RecordError, match=reason):
        approve(sample.folder, plan, digest, approver, sample.tanaka)
