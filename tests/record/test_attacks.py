"""Forgeries: each changes a copy of an archive without a trusted key, and must be seen.

The last ones are made with a trusted key: what they state does not hold together.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from securesystemslib.dsse import Envelope

from byodkim.record import approval, envelope
from byodkim.record.approval import approve
from byodkim.record.archive import read_seals
from byodkim.record.coverage import INDEX_PREDICATE, seal_index
from byodkim.record.events import decode, encode
from tests.record.archives import DIGEST, Archive, new_key, said, write_notebook

Attack = Callable[[Archive], object]
ATTACKS: list[Any] = []


def attack(expected: str, **options: Any) -> Callable[[Attack], Attack]:
    """Enter a forgery, and what the report must say then. ``options``: of the verification."""

    def enter(change: Attack) -> Attack:
        ATTACKS.append(pytest.param(change, expected, options, id=change.__name__))
        return change

    return enter


@pytest.mark.parametrize(("change", "expected", "options"), ATTACKS)
def test_a_forgery_is_seen(
    original: Archive, sample: Archive, change: Attack, expected: str, options: dict[str, Any]
) -> None:
    if options.pop("with_head", False):
        options["head"] = original.verify().head
    assert original.verify(**options).verified
    change(sample)
    report = sample.verify(**options)
    assert not report.verified
    assert expected in said(report)


def test_there_are_enough_forgeries() -> None:
    assert len(ATTACKS) >= 75


# ---- tools of the forger


def lines_of(a: Archive, name: str) -> list[bytes]:
    return (a.folder / f"{name}.journal.jsonl").read_bytes().splitlines(keepends=True)


def put_lines(a: Archive, name: str, lines: list[bytes]) -> None:
    (a.folder / f"{name}.journal.jsonl").write_bytes(b"".join(lines))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def remove(a: Archive, name: str) -> None:
    for path in a.folder.glob(f"{name}.*"):
        path.unlink()


def rename(a: Archive, name: str, new: str) -> None:
    for path in list(a.folder.glob(f"{name}.*")):
        path.rename(a.folder / path.name.replace(name, new, 1))


def in_notebook(a: Archive, change: Callable[[Any], object], name: str = "apply-1") -> None:
    path = a.folder / f"{name}.ipynb"
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


def in_seal(a: Archive, change: Callable[[Any], object], name: str = "apply-1") -> None:
    """Change the envelope's JSON."""
    path = a.folder / f"{name}.seal.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def in_statement(a: Archive, change: Callable[[Any], object], name: str = "apply-1") -> None:
    """Change what the seal states, and leave its signature."""

    def changed(content: Any) -> None:
        stated = json.loads(base64.b64decode(content["payload"]))
        change(stated)
        content["payload"] = base64.b64encode(json.dumps(stated).encode()).decode()

    in_seal(a, changed, name)


def sign_anew(a: Archive, name: str, change: Callable[[Any], object], key: Any = None) -> None:
    """Change what the seal states, and sign that: with a trusted key by default."""
    path = a.folder / f"{name}.seal.json"
    stated = json.loads(base64.b64decode(json.loads(path.read_text())["payload"]))
    change(stated)
    kind = envelope.Statement[dict[str, Any]]
    path.write_bytes(envelope.sign(msgspec.convert(stated, kind), key or a.mori))


def digest(stated: Any, file: str, sha256: str) -> None:
    next(each for each in stated["subject"] if each["name"] == file)["digest"]["sha256"] = sha256


# ---- the journal


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_value(a: Archive) -> None:
    replace(a.folder / "apply-1.journal.jsonl", '"old"', '"odd"')


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_outcome(a: Archive) -> None:
    replace(a.folder / "apply-1.journal.jsonl", "SWITCHED", "REFUSED")


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_times(a: Archive) -> None:
    replace(a.folder / "apply-1.journal.jsonl", "2026-11-24T", "2026-11-23T")


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_line_dropped(a: Archive) -> None:
    put_lines(a, "apply-1", [line for line in lines_of(a, "apply-1") if b"intended" not in line])


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_line_dropped_and_counted_anew(a: Archive) -> None:
    events = [decode(line) for line in lines_of(a, "apply-1") if b"intended" not in line]
    numbered = [msgspec.structs.replace(event, n=n) for n, event in enumerate(events)]
    put_lines(a, "apply-1", [encode(event) + b"\n" for event in numbered])


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_lines_swapped(a: Archive) -> None:
    first, second, third, *rest = lines_of(a, "apply-1")
    put_lines(a, "apply-1", [first, third, second, *rest])


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_line_added(a: Archive) -> None:
    lines = lines_of(a, "apply-1")
    put_lines(a, "apply-1", [*lines, lines[-1]])


@attack("plan-2: WRONG plan-2.journal.jsonl was changed")
def journal_of_the_newest(a: Archive) -> None:
    replace(a.folder / "plan-2.journal.jsonl", "mail-20261201-1", "mail-20261202-1")


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_of_another_run(a: Archive) -> None:
    shutil.copy(a.folder / "apply-2.journal.jsonl", a.folder / "apply-1.journal.jsonl")


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_torn(a: Archive) -> None:
    path = a.folder / "apply-1.journal.jsonl"
    path.write_bytes(path.read_bytes()[:-20])


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def journal_emptied(a: Archive) -> None:
    put_lines(a, "apply-1", [])


@attack("apply-1: WRONG apply-1.journal.jsonl is missing")
def journal_missing(a: Archive) -> None:
    (a.folder / "apply-1.journal.jsonl").unlink()


@attack("No signature covers apply-1.journal.jsonl")
def journal_is_a_link(a: Archive) -> None:
    path = a.folder / "apply-1.journal.jsonl"
    path.rename(a.folder / ".moved")
    path.symlink_to(".moved")


@attack("killed: WRONG The run is closed, but its seal is missing")
def killed_run_made_to_look_closed(a: Archive) -> None:
    closing = decode(lines_of(a, "apply-1")[-1])
    lines = lines_of(a, "killed")
    put_lines(a, "killed", [*lines, encode(msgspec.structs.replace(closing, n=len(lines))) + b"\n"])


@attack("apply-2 follows rehearsal, which is missing")
def closed_run_cut_back_to_a_killed_one(a: Archive) -> None:
    put_lines(a, "rehearsal", lines_of(a, "rehearsal")[:-1])
    (a.folder / "rehearsal.seal.json").unlink()
    (a.folder / "rehearsal.html").unlink()


@attack("No run has the head", with_head=True)
def newest_run_cut_back_to_a_killed_one(a: Archive) -> None:
    put_lines(a, "plan-2", lines_of(a, "plan-2")[:-1])
    (a.folder / "plan-2.seal.json").unlink()
    (a.folder / "plan-2.html").unlink()


# ---- the notebook


@attack("apply-1: WRONG apply-1.ipynb was changed")
def notebook_output(a: Archive) -> None:
    replace(a.folder / "apply-1.ipynb", "36 passed", "37 passed")


@attack("apply-1: WRONG apply-1.ipynb was changed")
def notebook_outcome_everywhere(a: Archive) -> None:
    replace(a.folder / "apply-1.ipynb", "SWITCHED", "REFUSED")


@attack("apply-1: WRONG apply-1.ipynb was changed")
def notebook_markdown_added(a: Archive) -> None:
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["approved by the CEO"]}
    in_notebook(a, lambda notebook: notebook["cells"].append(cell))


@attack("apply-1: WRONG apply-1.ipynb was changed")
def notebook_of_another_format(a: Archive) -> None:
    in_notebook(a, lambda notebook: notebook.update(nbformat=3, worksheets=[{"cells": []}]))


@attack("plan-1.ipynb was changed")
def notebooks_swapped(a: Archive) -> None:
    swap(a.folder / "plan-1.ipynb", a.folder / "apply-1.ipynb")


@attack("apply-1: WRONG apply-1.ipynb was changed")
def notebook_truncated(a: Archive) -> None:
    os.truncate(a.folder / "apply-1.ipynb", 100)


@attack("apply-1: WRONG apply-1.ipynb was changed")
def notebook_with_one_more_byte(a: Archive) -> None:
    with (a.folder / "apply-1.ipynb").open("a") as file:
        file.write("\n")


@attack("apply-1: WRONG apply-1.ipynb is missing")
def notebook_missing(a: Archive) -> None:
    (a.folder / "apply-1.ipynb").unlink()


@attack("apply-1: WRONG apply-1.ipynb cannot be read")
def notebook_is_a_link(a: Archive) -> None:
    path = a.folder / "apply-1.ipynb"
    path.rename(a.folder / ".apply-1.ipynb")
    path.symlink_to(".apply-1.ipynb")


@attack("apply-1: WRONG The notebook is not covered by the seal")
def seal_from_before_the_notebook(a: Archive) -> None:
    (a.folder / "apply-1.seal.json").write_bytes(a.first_seals["apply-1"])
    replace(a.folder / "apply-1.ipynb", "36 passed", "37 passed")


# ---- page, request, index


@attack("apply-1: WRONG apply-1.html was changed")
def page(a: Archive) -> None:
    replace(a.folder / "apply-1.html", "SWITCHED", "REFUSED")


@attack("apply-1: WRONG apply-1.html is missing")
def page_missing(a: Archive) -> None:
    (a.folder / "apply-1.html").unlink()


@attack("apply-1: WRONG apply-1.csv was changed")
def request(a: Archive) -> None:
    replace(a.folder / "apply-1.csv", "p=AA==", "p=AB==")


@attack("apply-1: WRONG apply-1.csv is missing")
def request_missing(a: Archive) -> None:
    (a.folder / "apply-1.csv").unlink()


@attack("index.html was changed")
def index(a: Archive) -> None:
    (a.folder / "index.html").write_text("<table><tr></tr></table>\n")


@attack("index.html was changed after it was signed, or the key is not trusted")
def index_signed_by_a_stranger(a: Archive) -> None:
    (a.folder / "index.html").write_text("<table><tr></tr></table>\n")
    seal_index(a.folder, read_seals(a.folder)[-1].head, new_key())


@attack("index.seal.json is missing")
def index_seal_missing(a: Archive) -> None:
    (a.folder / "index.seal.json").unlink()


@attack("index.html is missing")
def index_missing(a: Archive) -> None:
    (a.folder / "index.html").unlink()


@attack("index.seal.json is signed, but states something else")
def index_with_the_seal_of_a_run(a: Archive) -> None:
    shutil.copy(a.folder / "plan-1.seal.json", a.folder / "index.seal.json")


# ---- the seal


@attack("rehearsal: WRONG The run is closed, but its seal is missing")
def seal_missing(a: Archive) -> None:
    (a.folder / "rehearsal.seal.json").unlink()


@attack("plan-2: WRONG The run is closed, but its seal is missing")
def seal_of_the_newest_missing(a: Archive) -> None:
    (a.folder / "plan-2.seal.json").unlink()


@attack("apply-1: WRONG apply-1.seal.json is the seal of another run, plan-1")
def seal_of_a_plan_on_an_apply_run(a: Archive) -> None:
    shutil.copy(a.folder / "plan-1.seal.json", a.folder / "apply-1.seal.json")


@attack("apply-1: WRONG apply-1.seal.json is signed, but states something else")
def seal_of_the_index_on_a_run(a: Archive) -> None:
    shutil.copy(a.folder / "index.seal.json", a.folder / "apply-1.seal.json")


@attack("apply-1: WRONG apply-1.seal.json is signed, but states something else")
def approval_in_place_of_a_seal(a: Archive) -> None:
    shutil.copy(a.folder / "plan-1.approval-tanaka.json", a.folder / "apply-1.seal.json")


@attack("apply-1: UNKNOWN It is signed with a key that is not trusted")
def seal_by_a_stranger(a: Archive) -> None:
    sign_anew(a, "apply-1", lambda _stated: None, new_key())


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def seal_by_a_stranger_in_a_trusted_name(a: Archive) -> None:
    sign_anew(a, "apply-1", lambda _stated: None, new_key())
    in_seal(a, lambda content: content["signatures"][0].update(keyid=a.mori.public))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def seal_in_another_trusted_name(a: Archive) -> None:
    in_seal(a, lambda content: content["signatures"][0].update(keyid=a.sato.public))


@attack("is not the public key of a sealing key")
def seal_without_a_key(a: Archive) -> None:
    in_seal(a, lambda content: content["signatures"][0].update(keyid=""))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def statement_of_another_outcome(a: Archive) -> None:
    in_statement(a, lambda stated: stated["predicate"]["run"].update(outcome="REFUSED"))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def statement_of_another_digest(a: Archive) -> None:
    in_statement(a, lambda stated: digest(stated, "apply-1.csv", "0" * 64))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def statement_without_the_notebook(a: Archive) -> None:
    in_statement(a, lambda stated: stated["subject"].pop())


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def statement_of_another_type(a: Archive) -> None:
    in_statement(a, lambda stated: stated.update(predicateType=INDEX_PREDICATE))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def payload_of_another_type(a: Archive) -> None:
    in_seal(a, lambda content: content.update(payloadType="text/plain"))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def signature_with_another_bit(a: Archive) -> None:
    def flip(content: Any) -> None:
        signature = bytearray(base64.b64decode(content["signatures"][0]["sig"]))
        signature[5] ^= 1
        content["signatures"][0]["sig"] = base64.b64encode(signature).decode()

    in_seal(a, flip)


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def second_signature(a: Archive) -> None:
    stranger = json.loads(envelope.sign(envelope.statement({}, "x", None), new_key()))
    in_seal(a, lambda content: content["signatures"].extend(stranger["signatures"]))


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def same_signature_twice(a: Archive) -> None:
    in_seal(a, lambda content: content["signatures"].extend(content["signatures"]))


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def no_signature(a: Archive) -> None:
    in_seal(a, lambda content: content.update(signatures=[]))


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def unsigned_words_in_the_seal(a: Archive) -> None:
    in_seal(a, lambda content: content.update(comment="approved by the CEO"))


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def unsigned_words_in_the_signature(a: Archive) -> None:
    in_seal(a, lambda content: content["signatures"][0].update(comment="approved by the CEO"))


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def seal_truncated(a: Archive) -> None:
    os.truncate(a.folder / "apply-1.seal.json", 300)


@attack("apply-1: WRONG apply-1.seal.json is no signed statement with one signature")
def seal_emptied(a: Archive) -> None:
    os.truncate(a.folder / "apply-1.seal.json", 0)


@attack("apply-1: WRONG apply-1.journal.jsonl was changed")
def line_ends_of_windows_everywhere(a: Archive) -> None:
    for path in a.folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


# ---- the chain


@attack("apply-2 follows rehearsal, which is missing")
def run_removed_from_the_middle(a: Archive) -> None:
    remove(a, "rehearsal")


@attack("apply-1 follows plan-1, which is missing")
def first_run_removed(a: Archive) -> None:
    remove(a, "plan-1")


@attack("No run has the head", with_head=True)
def newest_run_removed(a: Archive) -> None:
    remove(a, "plan-2")


@attack("No run has the head", with_head=True)
def every_run_removed(a: Archive) -> None:
    for path in a.folder.iterdir():
        path.unlink()


@attack("plan-2: WRONG plan-2.seal.json is the seal of another run, rehearsal")
def runs_in_another_order_by_their_names(a: Archive) -> None:
    rename(a, "plan-2", "x")
    rename(a, "rehearsal", "plan-2")
    rename(a, "x", "rehearsal")


@attack("again: WRONG again.seal.json is the seal of another run, apply-1")
def run_copied_under_a_new_name(a: Archive) -> None:
    for path in list(a.folder.glob("apply-1.*")):
        shutil.copy(path, a.folder / path.name.replace("apply-1", "again"))


@attack("again: WRONG The run is closed, but its seal is missing")
def run_copied_under_a_new_name_without_its_seal(a: Archive) -> None:
    for suffix in (".ipynb", ".journal.jsonl"):
        shutil.copy(a.folder / f"apply-1{suffix}", a.folder / f"again{suffix}")


@attack("all follow plan-2")
def fork_of_two_copies_that_went_on(a: Archive) -> None:
    twin = a.folder.with_name("twin")
    shutil.copytree(a.folder, twin)
    a.run("plan-3")
    a.run("plan-4", folder=twin)
    shutil.copytree(twin, a.folder, dirs_exist_ok=True)


@attack("all say that they are the first run")
def runs_of_another_archive(a: Archive) -> None:
    other = a.folder.with_name("other")
    other.mkdir()
    a.run("elsewhere", folder=other)
    shutil.copytree(other, a.folder, dirs_exist_ok=True)


@attack("plan-3: UNKNOWN It is signed with a key that is not trusted")
def run_by_a_stranger(a: Archive) -> None:
    a.run("plan-3", key=new_key())


@attack("follows another version of plan-1")
def run_made_anew_by_its_own_signer(a: Archive) -> None:
    remove(a, "plan-1")
    a.run("plan-1")


# ---- files beside the records


@attack("No signature covers plan-2.csv")
def request_for_a_run_without_one(a: Archive) -> None:
    shutil.copy(a.folder / "apply-1.csv", a.folder / "plan-2.csv")


@attack("No signature covers apply-1.csv.csv")
def request_with_a_similar_name(a: Archive) -> None:
    shutil.copy(a.folder / "apply-1.csv", a.folder / "apply-1.csv.csv")


@attack("No signature covers killed.csv")
def request_of_a_killed_run(a: Archive) -> None:
    shutil.copy(a.folder / "apply-1.csv", a.folder / "killed.csv")


@attack("No signature covers killed.html")
def page_of_a_killed_run(a: Archive) -> None:
    shutil.copy(a.folder / "apply-1.html", a.folder / "killed.html")


@attack("No signature covers apply-3.ipynb")
def notebook_without_a_journal(a: Archive) -> None:
    write_notebook(a.folder / "apply-3.ipynb", "0" * 16, "SWITCHED")


@attack("No signature covers INDEX.html")
def page_with_a_similar_name(a: Archive) -> None:
    shutil.copy(a.folder / "index.html", a.folder / "INDEX.html")


@attack("No signature covers README")
def file_of_any_name(a: Archive) -> None:
    (a.folder / "README").write_text("All of this was approved.")


@attack("No signature covers index.journal.jsonl")
def journal_in_the_name_of_the_index(a: Archive) -> None:
    shutil.copy(a.folder / "plan-1.journal.jsonl", a.folder / "index.journal.jsonl")


@attack("new: WRONG new.seal.json is no signed statement")
def seal_without_a_run(a: Archive) -> None:
    (a.folder / "new.seal.json").write_text("{}")


@attack("No signature covers older")
def nested_folder(a: Archive) -> None:
    (a.folder / "older").mkdir()
    for path in a.folder.glob("plan-1.*"):
        shutil.copy(path, a.folder / "older")


@attack("No signature covers link.html")
def link_to_a_signed_file(a: Archive) -> None:
    (a.folder / "link.html").symlink_to("apply-1.html")


@attack("No signature covers apply-1.pipe")
def pipe(a: Archive) -> None:
    os.mkfifo(a.folder / "apply-1.pipe")


@attack("apply-1: WRONG apply-1.csv is no regular file")
def pipe_in_place_of_a_request(a: Archive) -> None:
    (a.folder / "apply-1.csv").unlink()
    os.mkfifo(a.folder / "apply-1.csv")


@attack("apply-1: WRONG apply-1.html is larger than 64 MiB")
def page_of_a_hundred_megabytes(a: Archive) -> None:
    os.truncate(a.folder / "apply-1.html", 100_000_000)


# ---- approvals


@attack("apply-1: WRONG plan-1.approval-tanaka.json are no approvals of what was written")
def approval_missing(a: Archive) -> None:
    (a.folder / "plan-1.approval-tanaka.json").unlink()


@attack("apply-1: WRONG plan-1.approval-tanaka.json are no approvals of what was written")
def approval_of_another_plan(a: Archive) -> None:
    forge_approval(a, a.tanaka, digest="0" * 64)


@attack("apply-1: WRONG plan-1.approval-tanaka.json are no approvals of what was written")
def approval_by_a_stranger(a: Archive) -> None:
    forge_approval(a, new_key())


@attack("apply-1: WRONG plan-1.approval-tanaka.json are no approvals of what was written")
def approval_by_the_operator(a: Archive) -> None:
    forge_approval(a, a.mori)


@attack("The signature of plan-1.approval-tanaka.json is not valid")
def approval_by_a_stranger_in_the_approvers_name(a: Archive) -> None:
    forge_approval(a, new_key())
    replace_key = {"keyid": a.tanaka.public}
    path = a.folder / "plan-1.approval-tanaka.json"
    content = json.loads(path.read_text())
    content["signatures"][0].update(replace_key)
    path.write_text(json.dumps(content))


@attack("plan-2.approval-tanaka.json is not by a listed approver, or not about a plan")
def approval_moved_to_another_plan(a: Archive) -> None:
    shutil.copy(a.folder / "plan-1.approval-tanaka.json", a.folder / "plan-2.approval-tanaka.json")


@attack("plan-2.approval-sato.json is not by a listed approver, or not about a plan")
def one_more_approval_by_somebody_who_is_not_listed(a: Archive) -> None:
    approve(a.folder, "plan-2", DIGEST, "sato", a.sato)


@attack("plan-2.approval-x.json is no signed statement")
def page_in_the_name_of_an_approval(a: Archive) -> None:
    (a.folder / "plan-2.approval-x.json").write_text("<h1>approved</h1>")


def forge_approval(a: Archive, key: Any, digest: str = DIGEST) -> None:
    path = a.folder / "plan-1.approval-tanaka.json"
    stated = approval.read_approval(path).statement
    predicate = msgspec.structs.replace(stated.predicate, digest=digest)
    path.write_bytes(envelope.sign(msgspec.structs.replace(stated, predicate=predicate), key))


# ---- with a trusted key


@attack("seal of apply-1 covers its journal and other files of that run")
def subject_in_another_folder(a: Archive) -> None:
    other = {"name": "../apply-1.html", "digest": {"sha256": "0" * 64}}
    sign_anew(a, "apply-1", lambda stated: stated["subject"].append(other))


@attack("seal of apply-1 covers its journal and other files of that run")
def subject_of_another_run(a: Archive) -> None:
    other = {"name": "plan-1.csv", "digest": {"sha256": "0" * 64}}
    sign_anew(a, "apply-1", lambda stated: stated["subject"].append(other))


@attack("apply-1.seal.json is signed, but states something else")
def subject_twice(a: Archive) -> None:
    sign_anew(a, "apply-1", lambda stated: stated["subject"].append(stated["subject"][0]))


@attack("apply-1.seal.json is signed, but states something else")
def signed_statement_of_another_type(a: Archive) -> None:
    sign_anew(a, "apply-1", lambda stated: stated.update(predicateType="urn:byodkim:run:2"))


@attack("apply-1: WRONG The signature of apply-1.seal.json is not valid")
def payload_signed_as_another_type(a: Archive) -> None:
    path = a.folder / "apply-1.seal.json"
    other = Envelope(base64.b64decode(json.loads(path.read_text())["payload"]), "text/plain", {})
    other.sign(envelope.signer(a.mori))
    path.write_text(json.dumps(other.to_dict()))


@attack("The seal says something else of the run than its journal: outcome")
def signed_statement_of_another_outcome(a: Archive) -> None:
    sign_anew(a, "apply-1", lambda stated: stated["predicate"]["run"].update(outcome="REFUSED"))


@attack("The seal says something else of the run than its journal: previous_record")
def signed_statement_of_another_predecessor(a: Archive) -> None:
    sign_anew(a, "apply-1", lambda stated: stated["predicate"].update(previous_record=""))


@attack("The notebook does not show the outcome of its journal, SWITCHED")
def notebook_of_another_run_signed(a: Archive) -> None:
    shutil.copy(a.folder / "plan-1.ipynb", a.folder / "apply-1.ipynb")
    new = envelope.digest_of(a.folder / "apply-1.ipynb")
    sign_anew(a, "apply-1", lambda stated: digest(stated, "apply-1.ipynb", new))


@attack("The notebook does not show the outcome of its journal, SWITCHED")
def notebook_that_shows_two_outcomes_signed(a: Archive) -> None:
    def two(notebook: Any) -> None:
        notebook["cells"][2]["outputs"][1]["metadata"]["byodkim"] = {"outcome": "REFUSED"}

    in_notebook(a, two)
    new = envelope.digest_of(a.folder / "apply-1.ipynb")
    sign_anew(a, "apply-1", lambda stated: digest(stated, "apply-1.ipynb", new))


@attack("The notebook does not show the outcome of its journal, SWITCHED")
def notebook_without_an_outcome_signed(a: Archive) -> None:
    in_notebook(a, lambda notebook: notebook.update(cells=notebook["cells"][:1]))
    new = envelope.digest_of(a.folder / "apply-1.ipynb")
    sign_anew(a, "apply-1", lambda stated: digest(stated, "apply-1.ipynb", new))


@attack("apply-1.ipynb is no notebook")
def text_in_place_of_a_notebook_signed(a: Archive) -> None:
    (a.folder / "apply-1.ipynb").write_text("SWITCHED")
    new = envelope.digest_of(a.folder / "apply-1.ipynb")
    sign_anew(a, "apply-1", lambda stated: digest(stated, "apply-1.ipynb", new))


@attack("The journal does not lead from a run's first line to its only last line")
def journal_without_an_end_signed(a: Archive) -> None:
    put_lines(a, "apply-1", lines_of(a, "apply-1")[:-1])
    new = envelope.digest_of(a.folder / "apply-1.journal.jsonl")
    sign_anew(a, "apply-1", lambda stated: digest(stated, "apply-1.journal.jsonl", new))


@attack("The journal does not lead from a run's first line to its only last line")
def journal_with_two_ends_signed(a: Archive) -> None:
    lines = lines_of(a, "apply-1")
    closing = msgspec.structs.replace(decode(lines[-1]), n=len(lines))
    put_lines(a, "apply-1", [*lines, encode(closing) + b"\n"])
    new = envelope.digest_of(a.folder / "apply-1.journal.jsonl")
    sign_anew(a, "apply-1", lambda stated: digest(stated, "apply-1.journal.jsonl", new))


@attack("Some runs follow each other in a circle")
def runs_in_a_circle(a: Archive) -> None:
    sign_anew(a, "plan-1", lambda stated: stated["predicate"].update(previous_record="plan-2"))


@attack("0 of 1 approvals of what was written")
def applied_without_approval(a: Archive) -> None:
    a.run("apply-3", "SWITCHED", mode="apply", writes=True)


def test_nobody_approves_what_they_apply(empty: Archive) -> None:
    empty.run("plan")
    approval = approve(empty.folder, "plan", DIGEST, "tanaka", empty.tanaka)
    options: dict[str, Any] = {"mode": "apply", "writes": True, "approvals": [approval]}
    empty.run("by-mori", "SWITCHED", **options)
    empty.sato = empty.tanaka
    empty.run("by-tanaka", "SWITCHED", key=empty.tanaka, **options)
    runs = {run.name: run for run in empty.verify().runs}
    assert runs["by-mori"].verdict == "VERIFIED"
    assert runs["by-tanaka"].verdict == "WRONG"
    assert "are no approvals of what was written" in str(runs["by-tanaka"].why)


def test_a_statement_survives_being_signed_anew_unchanged(sample: Archive) -> None:
    """The tools above change nothing else."""
    sign_anew(sample, "apply-1", lambda _stated: None)
    in_seal(sample, lambda _content: None)
    report = sample.verify()
    assert report.verified, said(report)
