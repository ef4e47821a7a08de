"""Forgeries: each changes a copy of an archive without a trusted key, and must be seen.

The last ones are made with a trusted key: what they state does not hold together.
"""

import base64
import json
import os
import shutil
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from securesystemslib.dsse import Envelope

from byodkim.record import approval, envelope
from byodkim.record.approval import approve
from byodkim.record.archive import read_seals
from byodkim.record.coverage import seal_index
from byodkim.record.events import decode, encode
from byodkim.record.sealing_key import SealingKey
from tests.record.archives import DIGEST, Archive, new_key, said, write_notebook

Attack = Callable[[Archive], object]
Lines = list[bytes]
JOURNAL, NOTEBOOK = "apply-1.journal.jsonl", "apply-1.ipynb"
PAGE, REQUEST, SEAL = "apply-1.html", "apply-1.csv", "apply-1.seal.json"
APPROVAL = "plan-1.approval-tanaka.json"
MALLORY = new_key()


# ---- tools of the forger


def all_of(*attacks: Attack) -> Attack:
    return lambda a: [attack(a) for attack in attacks]


def edited(file: str, old: str, new: str) -> Attack:
    def change(a: Archive) -> None:
        text = (a.folder / file).read_text()
        assert old in text
        (a.folder / file).write_text(text.replace(old, new))

    return change


def written(file: str, text: str) -> Attack:
    return lambda a: (a.folder / file).write_text(text)


def truncated(file: str, size: int) -> Attack:
    return lambda a: os.truncate(a.folder / file, size)


def copied(file: str, other: str) -> Attack:
    return lambda a: shutil.copy(a.folder / file, a.folder / other)


def removed(*patterns: str) -> Attack:
    def change(a: Archive) -> None:
        for pattern in patterns:
            for path in list(a.folder.glob(pattern)):
                path.unlink()

    return change


def linked(file: str) -> Attack:
    """Put a link to it in a file's place."""

    def change(a: Archive) -> None:
        (a.folder / file).rename(a.folder / f".{file}")
        (a.folder / file).symlink_to(f".{file}")

    return change


def lines(change: Callable[[Lines], Lines], name: str = "apply-1") -> Attack:
    def apply(a: Archive) -> None:
        path = a.folder / f"{name}.journal.jsonl"
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    return apply


def in_json(change: Callable[[Any], object], file: str = SEAL) -> Attack:
    """Change a seal's envelope, or another file of JSON."""

    def apply(a: Archive) -> None:
        content = json.loads((a.folder / file).read_text())
        change(content)
        (a.folder / file).write_text(json.dumps(content))

    return apply


def stated_otherwise(change: Callable[[Any], object]) -> Attack:
    """Change what the seal states, and leave its signature."""

    def changed(content: Any) -> None:
        stated = json.loads(base64.b64decode(content["payload"]))
        change(stated)
        content["payload"] = base64.b64encode(json.dumps(stated).encode()).decode()

    return in_json(changed)


def signed(
    change: Callable[[Any], object], key: SealingKey | None = None, name: str = "apply-1"
) -> Attack:
    """Change what the seal states, and sign that: with a trusted key by default."""

    def apply(a: Archive) -> None:
        path = a.folder / f"{name}.seal.json"
        stated = json.loads(base64.b64decode(json.loads(path.read_text())["payload"]))
        change(stated)
        kind = envelope.Statement[dict[str, Any]]
        path.write_bytes(envelope.sign(msgspec.convert(stated, kind), key or a.mori))

    return apply


def signed_after(change: Attack, file: str) -> Attack:
    """Change a file, and sign its digest with a trusted key."""

    def apply(a: Archive) -> None:
        change(a)
        sha256 = envelope.digest_of(a.folder / file)
        signed(lambda stated: digest(stated, file, sha256))(a)

    return apply


def digest(stated: Any, file: str, sha256: str) -> None:
    next(each for each in stated["subject"] if each["name"] == file)["digest"]["sha256"] = sha256


def key_named(public: Callable[[Archive], str], file: str = SEAL) -> Attack:
    """Let the signature name another key."""
    return lambda a: in_json(
        lambda content: content["signatures"][0].update(keyid=public(a)), file
    )(a)


def approval_by(key: Callable[[Archive], SealingKey], digest: str = DIGEST) -> Attack:
    def change(a: Archive) -> None:
        stated = approval.read_approval(a.folder / APPROVAL).statement
        predicate = msgspec.structs.replace(stated.predicate, digest=digest)
        forged = msgspec.structs.replace(stated, predicate=predicate)
        (a.folder / APPROVAL).write_bytes(envelope.sign(forged, key(a)))

    return change


def renumbered(journal: Lines) -> Lines:
    events = [msgspec.structs.replace(decode(line), n=n) for n, line in enumerate(journal)]
    return [encode(event) + b"\n" for event in events]


def cut_back(name: str) -> Attack:
    """Make a closed run look like a killed one."""
    return all_of(lines(lambda journal: journal[:-1], name), removed(f"{name}.[sh]*"))


def without_its_notebook(a: Archive) -> None:
    (a.folder / SEAL).write_bytes(a.first_seals["apply-1"])
    edited(NOTEBOOK, "36 passed", "37 passed")(a)


def index_by_a_stranger(a: Archive) -> None:
    written("index.html", "<table></table>")(a)
    seal_index(a.folder, read_seals(a.folder)[-1].head, MALLORY)


def second_signature(content: Any) -> None:
    stranger = json.loads(envelope.sign(envelope.statement({}, "x", None), MALLORY))
    content["signatures"] += stranger["signatures"]


def fork_of_two_copies_that_went_on(a: Archive) -> None:
    twin = a.folder.with_name("twin")
    shutil.copytree(a.folder, twin)
    a.run("plan-3")
    a.run("plan-4", folder=twin)
    shutil.copytree(twin, a.folder, dirs_exist_ok=True)


def runs_of_another_archive(a: Archive) -> None:
    other = a.folder.with_name("other")
    other.mkdir()
    a.run("elsewhere", folder=other)
    shutil.copytree(other, a.folder, dirs_exist_ok=True)


def nested_folder(a: Archive) -> None:
    (a.folder / "older").mkdir()
    for path in a.folder.glob("plan-1.*"):
        shutil.copy(path, a.folder / "older")


def payload_signed_as_another_type(a: Archive) -> None:
    path = a.folder / SEAL
    other = Envelope(base64.b64decode(json.loads(path.read_text())["payload"]), "text/plain", {})
    other.sign(envelope.signer(a.mori))
    path.write_text(json.dumps(other.to_dict()))


def showing_two_outcomes(notebook: Any) -> None:
    notebook["cells"][2]["outputs"][1]["metadata"]["byodkim"] = {"outcome": "REFUSED"}


def subject_added(name: str) -> Attack:
    other = {"name": name, "digest": {"sha256": "0" * 64}}
    return signed(lambda stated: stated["subject"].append(other))


# ---- the forgeries, by what the report must say

HEAD = "No run here has the head"

FORGERIES: dict[str, Attack | dict[str, Attack]] = {
    # the journal
    "apply-1: WRONG apply-1.journal.jsonl was changed": edited(JOURNAL, '"old"', '"odd"'),
    "apply-1: WRONG apply-1.journal.jsonl is missing": removed(JOURNAL),
    "No signature covers apply-1.journal.jsonl": linked(JOURNAL),
    # the notebook
    "apply-1: WRONG apply-1.ipynb was changed": edited(NOTEBOOK, "36 passed", "37 passed"),
    "apply-1: WRONG apply-1.ipynb is missing": removed(NOTEBOOK),
    "apply-1: WRONG apply-1.ipynb cannot be read": linked(NOTEBOOK),
    "apply-1: WRONG The notebook is not covered by the seal": without_its_notebook,
    # page, request, index
    "apply-1: WRONG apply-1.html was changed": edited(PAGE, "SWITCHED", "REFUSED"),
    "apply-1: WRONG apply-1.html is larger than 64 MiB": truncated(PAGE, 100_000_000),
    "apply-1: WRONG apply-1.csv was changed": edited(REQUEST, "p=AA==", "p=AB=="),
    "apply-1: WRONG apply-1.csv is not a regular file": all_of(
        removed(REQUEST), lambda a: os.mkfifo(a.folder / REQUEST)
    ),
    "index.html was changed": written("index.html", "<table></table>"),
    "index.html was changed after it was signed, or the key is not trusted": index_by_a_stranger,
    "index.seal.json is missing": removed("index.seal.json"),
    "index.html is missing": removed("index.html"),
    "index.seal.json is not a signed statement": copied("plan-1.seal.json", "index.seal.json"),
    # the seal
    "rehearsal: WRONG The run closed its journal, but its seal is missing": removed(
        "rehearsal.seal.json"
    ),
    "apply-1: WRONG apply-1.seal.json is the seal of another run, plan-1": copied(
        "plan-1.seal.json", SEAL
    ),
    "apply-1: UNKNOWN It is signed with a key that is not trusted": signed(
        lambda _stated: None, MALLORY
    ),
    "apply-1: WRONG The signature of apply-1.seal.json is not valid": {
        "seal by a stranger in a trusted name": all_of(
            signed(lambda _stated: None, MALLORY), key_named(lambda a: a.mori.public)
        ),
        "statement of another outcome": stated_otherwise(
            lambda stated: stated["predicate"]["run"].update(outcome="REFUSED")
        ),
        "payload of another type": in_json(lambda seal: seal.update(payloadType="text/plain")),
        "payload signed as another type": payload_signed_as_another_type,
    },
    "is not the public key of a sealing key": key_named(lambda _a: ""),
    "apply-1: WRONG apply-1.seal.json is not a signed statement": {
        "seal of the index on a run": copied("index.seal.json", SEAL),
        "second signature": in_json(second_signature),
        "no signature": in_json(lambda seal: seal.update(signatures=[])),
        "unsigned words in the seal": in_json(lambda seal: seal.update(comment="approved")),
        "in the signature": in_json(lambda seal: seal["signatures"][0].update(comment="approved")),
        "seal truncated": truncated(SEAL, 300),
    },
    # the chain
    "apply-2 follows rehearsal, which is missing": cut_back("rehearsal"),
    "apply-1 follows plan-1, which is missing": removed("plan-1.*"),
    HEAD: removed("plan-2.*"),
    "all follow plan-2": fork_of_two_copies_that_went_on,
    "all say that they are the first run": runs_of_another_archive,
    "The journal of plan-1 that is here is not the one": all_of(
        removed("plan-1.*"), lambda a: a.run("plan-1")
    ),
    # files beside the records
    "No signature covers plan-2.csv": copied(REQUEST, "plan-2.csv"),
    "No signature covers killed.csv": copied(REQUEST, "killed.csv"),
    "No signature covers apply-3.ipynb": lambda a: write_notebook(
        a.folder / "apply-3.ipynb", "0" * 16, "SWITCHED"
    ),
    "No signature covers README": written("README", "All of this was approved."),
    "No signature covers index.journal.jsonl": copied(
        "plan-1.journal.jsonl", "index.journal.jsonl"
    ),
    "new: WRONG new.seal.json is not a signed statement": written("new.seal.json", "{}"),
    "No signature covers older": nested_folder,
    "No signature covers link.html": lambda a: (a.folder / "link.html").symlink_to(PAGE),
    "No signature covers apply-1.pipe": lambda a: os.mkfifo(a.folder / "apply-1.pipe"),
    # approvals
    "apply-1: WRONG Missing, or not a listed approver's approval": {
        "approval missing": removed(APPROVAL),
        "approval of another plan": approval_by(lambda a: a.tanaka, "0" * 64),
        "approval by a stranger": approval_by(lambda _a: MALLORY),
    },
    "The signature of plan-1.approval-tanaka.json is not valid": all_of(
        approval_by(lambda _a: MALLORY), key_named(lambda a: a.tanaka.public, APPROVAL)
    ),
    "plan-2.approval-tanaka.json is not signed by a listed approver, or does": copied(
        APPROVAL, "plan-2.approval-tanaka.json"
    ),
    "plan-2.approval-sato.json is not signed by a listed approver, or does": lambda a: approve(
        a.folder, "plan-2", DIGEST, "sato", a.sato
    ),
    "plan-2.approval-x.json is not a signed statement": written(
        "plan-2.approval-x.json", "<h1>approved</h1>"
    ),
}
#: Forgeries with a trusted key.
SIGNED: dict[str, Attack | dict[str, Attack]] = {
    "seal of apply-1 covers its journal and other files of that run": {
        "subject in another folder": subject_added("../apply-1.html"),
        "subject of another run": subject_added("plan-1.csv"),
    },
    "apply-1.seal.json is not a signed statement": {
        "subject twice": signed(lambda stated: stated["subject"].append(stated["subject"][0])),
        "another type": signed(lambda stated: stated.update(predicateType="urn:byodkim:run:2")),
    },
    "The seal and the journal disagree about: outcome": signed(
        lambda stated: stated["predicate"]["run"].update(outcome="REFUSED")
    ),
    "The seal and the journal disagree about: previous_record": signed(
        lambda stated: stated["predicate"].update(previous_record="")
    ),
    "The notebook does not show the outcome of its journal, SWITCHED": {
        "of another run": signed_after(copied("plan-1.ipynb", NOTEBOOK), NOTEBOOK),
        "not on top": signed_after(
            in_json(lambda shown: shown["cells"].insert(1, shown["cells"][2]), NOTEBOOK), NOTEBOOK
        ),
        "two outcomes": signed_after(in_json(showing_two_outcomes, NOTEBOOK), NOTEBOOK),
        "none": signed_after(
            in_json(lambda notebook: notebook.update(cells=notebook["cells"][:1]), NOTEBOOK),
            NOTEBOOK,
        ),
    },
    "apply-1.ipynb is not a notebook": signed_after(written(NOTEBOOK, "SWITCHED"), NOTEBOOK),
    "The journal does not run from a run's first line to its one closing line": {
        "no end": signed_after(lines(lambda all_: all_[:-1]), JOURNAL),
        "two ends": signed_after(lines(lambda all_: renumbered([*all_, all_[-1]])), JOURNAL),
    },
    "Some runs follow each other in a circle": signed(
        lambda stated: stated["predicate"].update(previous_record="plan-2"), name="plan-1"
    ),
    "What was written has 0 of the 1 approvals": lambda a: a.run(
        "apply-3", "SWITCHED", mode="apply", writes=True
    ),
}


@pytest.mark.parametrize(
    ("expected", "forge"),
    [
        pytest.param(expected, forge, id=name)
        for expected, forgeries in (*FORGERIES.items(), *SIGNED.items())
        for name, forge in (forgeries if isinstance(forgeries, dict) else {"": forgeries}).items()
    ],
)
def test_a_forgery_is_seen(sample, expected, forge):
    head = sample.verify().head if expected == HEAD else ""
    assert sample.verify(head=head).verified
    forge(sample)
    report = sample.verify(head=head)
    assert not report.verified
    assert expected in said(report)


def test_nobody_approves_what_they_apply(empty):
    empty.run("plan")
    approval = approve(empty.folder, "plan", DIGEST, "tanaka", empty.tanaka)
    options: dict[str, Any] = {"mode": "apply", "writes": True, "approvals": [approval]}
    empty.run("by-mori", "SWITCHED", **options)
    empty.sato = empty.tanaka
    empty.run("by-tanaka", "SWITCHED", key=empty.tanaka, **options)
    runs = {run.name: run for run in empty.verify().runs}
    assert runs["by-mori"].verdict == "VERIFIED"
    assert runs["by-tanaka"].verdict == "WRONG"
    assert "not a listed approver's approval of what was written" in str(runs["by-tanaka"].why)
