"""Which files are taken together for one run, by their names; what each holds is another matter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from second_edition.evidence.cells import RUN
from second_edition.evidence.verification_case import Files
from second_edition.evidence.verification_files import NothingToVerify, collect

R1, R2, R3 = (f"2026112{day}T040849Z-7f3a" for day in (1, 2, 3))


def names(journal: str) -> str:
    """A notebook that names a journal, after another one."""
    shown = [{"data": {RUN: {"journal": one}}} for one in ("other", journal)]
    return json.dumps({"cells": [{"cell_type": "code", "source": "byodkim", "outputs": [*shown, {"data": None}]}]})


CONTENTS = {
    # one run, with all that may lie beside it
    f"a.1.{R1}.journal.jsonl": "{}\n",
    f"a.1.{R1}.seal.json": "",
    f"a.1.{R1}.page.seal.json": "",
    "a.1.ipynb": "",
    "a.1.html": "",
    "a.1.ja.HTML": "",
    "a.1.csv": "",
    # two of one name: the newest that did anything has the notebook, or the one that this names
    f"b.{R1}.journal.jsonl": "{}\n",
    f"b.{R2}.journal.jsonl": "{}\n",
    f"b.{R3}.journal.jsonl": "",
    "b.ipynb": "",
    "b-final.xhtml": "",
    f"c.{R1}.journal.jsonl": "{}\n",
    f"c.{R2}.journal.jsonl": "{}\n",
    "c.ipynb": names(f"c.{R1}.journal.jsonl"),
    # of no notebook's name: one below names it
    f"{R1}.journal.jsonl": "{}\n",
    "2026/lab.ipynb": names(f"{R1}.journal.jsonl"),
    "2026/again.ipynb": names(f"{R1}.journal.jsonl"),
    "2026/far.ipynb": names(f"../{R1}.journal.jsonl"),
    "2026/gone.ipynb": names(f"{R3}.journal.jsonl"),
    f"{R2}.journal.jsonl": "{}\n",
    # a working copy, whose journal is in the archive, and a copy of that
    f"outputs/k.{R1}.journal.jsonl": "{}\n",
    "lab/k.ipynb": names(f"k.{R1}.journal.jsonl"),
    f"nearer/k.{R1}.journal.jsonl": "",
    "lab/other.ipynb": names(f"k.{R1}.journal.jsonl"),
    "desk/day/m.ipynb": names(f"m.{R1}.journal.jsonl"),
    f"far/records/m.{R1}.journal.jsonl": "{}\n",
    # without a journal
    "d.ipynb": names("gone"),
    "e.IPYNB": names("gone"),
    "e.html": "",
    f"f.{R1}.seal.json": "",
    f"f.{R1}.page.seal.json": "",
    f"g.{R1}.page.seal.json": "",
    "look.ipynb": "{}",
    # what no reader is to miss, and what nobody shows
    f"h.{R1}.SEAL.JSON": "",
    "other.htm": "",
    ".hidden.ipynb": names("gone"),
    f".hidden.{R1}.journal.jsonl": "{}\n",
    f".hidden.{R1}.seal.json": "",
    f".old/a.{R1}.journal.jsonl": "{}\n",
    "i.json/x": "",
    "README.md": "byodkim",
}
ALL_OF_A = f"a.1.{R1}.journal.jsonl a.1.ipynb a.1.ja.HTML"
OF_B = f"b.{R2}.journal.jsonl b.ipynb"
OF_C = f"c.{R1}.journal.jsonl c.ipynb"
IN_FOLDER = [
    "- 2026/far.ipynb",
    "- 2026/gone.ipynb",
    "- 2026/lab.ipynb",  # of two that name one journal, the first is taken with it
    "- d.ipynb",
    "- e.IPYNB",
    f"- f.{R1}.seal.json",
    f"- g.{R1}.page.seal.json",
    f"- h.{R1}.SEAL.JSON not plain",
    "- i.json not plain",
    "- lab/other.ipynb",
    "- link.ipynb not plain",
    "- linked not plain",
    f"{R1}.journal.jsonl 2026/again.ipynb",
    f"{R2}.journal.jsonl -",
    f"{ALL_OF_A} other.htm",
    f"b.{R1}.journal.jsonl -",
    f"{OF_B} b-final.xhtml",
    f"b.{R3}.journal.jsonl -",
    OF_C,
    f"c.{R2}.journal.jsonl -",
    f"far/records/m.{R1}.journal.jsonl desk/day/m.ipynb",
    f"nearer/k.{R1}.journal.jsonl -",
    f"outputs/k.{R1}.journal.jsonl lab/k.ipynb",
]
#: What is verified where one file is named; of all others, nothing.
BY_FILE = {
    **{f"a.1.{name}": ALL_OF_A for name in ("ipynb", *(f"{R1}.{one}" for one in ("journal.jsonl", "seal.json")))},
    f"a.1.{R1}.page.seal.json": ALL_OF_A,
    **{f"b.{run}.journal.jsonl": f"b.{run}.journal.jsonl -" for run in (R1, R3)},
    **dict.fromkeys((f"b.{R2}.journal.jsonl", "b.ipynb"), OF_B),
    **dict.fromkeys((f"c.{R1}.journal.jsonl", "c.ipynb"), OF_C),
    **{name: f"{name} -" for name in (f"c.{R2}.journal.jsonl", *(f"{run}.journal.jsonl" for run in (R1, R2)))},
    **{f"2026/{name}.ipynb": f"{R1}.journal.jsonl 2026/{name}.ipynb" for name in ("lab", "again")},
    "lab/k.ipynb": f"outputs/k.{R1}.journal.jsonl lab/k.ipynb",
    **{f"{folder}/k.{R1}.journal.jsonl": f"{folder}/k.{R1}.journal.jsonl -" for folder in ("nearer", "outputs")},
    **{name: f"- {name}" for name in ("2026/far.ipynb", "2026/gone.ipynb", "lab/other.ipynb", "d.ipynb", "e.IPYNB")},
    "desk/day/m.ipynb": "- desk/day/m.ipynb",
    f"far/records/m.{R1}.journal.jsonl": f"far/records/m.{R1}.journal.jsonl -",
    **{name: f"- {name}" for name in (f"f.{R1}.seal.json", f"g.{R1}.page.seal.json")},
    f".old/a.{R1}.journal.jsonl": f".old/a.{R1}.journal.jsonl -",
}


def lay(folder: Path) -> Path:
    for name, text in CONTENTS.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    (folder / "link.ipynb").symlink_to("a.1.ipynb")
    (folder / "linked").symlink_to("2026")
    (folder / ".link.ipynb").symlink_to("a.1.ipynb")
    return folder


def told(found: Iterable[Files], folder: Path) -> list[str]:
    """Each run in a line: its files, then what else is known of them."""
    lines = []
    for one in found:
        some = (one.journal, one.notebook, *one.pages)
        words = [str(path.relative_to(folder)) if path else "-" for path in some]
        lines.append(" ".join([*words, *["not plain"] * (not one.plain), *["in part"] * (not one.whole)]))
    return sorted(lines)


def test_the_runs_of_a_folder(tmp_path: Path) -> None:
    found = collect([lay(tmp_path)], "en")
    assert told(found, tmp_path) == IN_FOLDER
    assert {one.top for one in found} == {tmp_path}


def test_the_run_of_a_file_is_part_of_its_folder(tmp_path: Path) -> None:
    lay(tmp_path)
    for name in CONTENTS:
        if name in BY_FILE:
            assert told(collect([tmp_path / name], "en"), tmp_path) == [f"{BY_FILE[name]} in part"]
        else:
            with pytest.raises(NothingToVerify, match="is neither the record, the journal nor the seal of a run"):
                collect([tmp_path / name], "en")
    both = [tmp_path / "a.1.ipynb", tmp_path, tmp_path / "b.ipynb"]
    assert told(collect(both, "en"), tmp_path) == IN_FOLDER
