"""Nothing that a run leaves or shows holds a piece of a private key; and the eye that looks for it sees."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fragments import Fragments
from tests.second_edition.notebooks.stage import Stage, Troupe

PLAIN = True


@dataclass(frozen=True)
class Left:
    """Everything that could be seen of a run, by where it was seen, and what a leak would look like."""

    pem: bytes
    fragments: Fragments
    seen: dict[str, bytes]


def look(stage: Stage) -> dict[str, bytes]:
    """Runs it; its output, and what the processes of the run show of themselves while it goes."""
    facts = stage.sandbox.facts
    words = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-p", "mode", "apply")
    command = stage.runner.command(
        *words, "--log-level", "DEBUG", "-r", "selector", facts.next_selector, name="outputs/1.ipynb"
    )
    seen: dict[str, bytes] = {}
    said = stage.folder / "said.txt"
    with (
        said.open("wb") as sink,
        subprocess.Popen(
            command, cwd=stage.folder, env=stage.runner.environment(), stdout=sink, stderr=subprocess.STDOUT
        ) as papermill,
    ):
        family = psutil.Process(papermill.pid)
        while papermill.poll() is None:
            for name, shown in processes(family):
                seen.setdefault(name, shown)
            time.sleep(0.02)
    seen["stdout and stderr"] = said.read_bytes()
    return seen


def processes(family: psutil.Process) -> Iterator[tuple[str, bytes]]:
    """Arguments and environment of papermill and all below it. What is hidden from us is hidden."""
    try:
        relatives = [family, *family.children(recursive=True)]
    except psutil.Error:
        return
    for process in relatives:
        try:
            words = process.cmdline()
            kind = (
                "custodian"
                if "second_edition.custody.custodian" in words
                else "kernel"
                if "ipykernel_launcher" in words
                else ""
            )
            yield f"arguments of {kind or 'others'}", " ".join(words).encode()
            yield f"environment of {kind or 'others'}", repr(process.environ()).encode()
        except (psutil.Error, OSError):
            continue


def leaves(stage: Stage) -> Left:
    facts: Facts = stage.sandbox.facts
    pems = [outside.pem(facts, selector) for selector in (facts.current_selector, facts.next_selector)]
    seen = look(stage)
    for folder in (stage.folder, stage.runner.home):
        seen |= {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return Left(pems[1], Fragments(*pems), seen)


@pytest.fixture(scope="module")
def left(troupe: Troupe) -> Left:
    """A run that switches; test_gate.py has runs into which pieces of the key are planted."""
    return troupe.begin("switched", leaves).result()


def test_no_piece_of_a_private_key_anywhere(left: Left) -> None:
    assert [where for where, data in left.seen.items() if left.fragments.found_in(data)] == []


def test_all_that_a_run_leaves_was_looked_at(left: Left) -> None:
    wanted = {"stdout and stderr", "outputs/1.ipynb", "arguments of kernel", "arguments of custodian"}
    assert wanted <= left.seen.keys()
    assert b"outputs/1.ipynb" in left.seen["stdout and stderr"]
    (journal,) = (data for name, data in left.seen.items() if name.endswith(".journal.jsonl"))
    assert b'"outcome":"SWITCHED"' in journal


def planted(pem: bytes) -> dict[str, bytes]:
    """Pieces of the secret part of a key, in every form that a leak may take."""
    body = b"".join(pem.splitlines()[1:-1])
    der = base64.b64decode(body)
    piece = body[1000:1040]
    return {
        "16 characters": body[1001:1017],
        "the whole PEM": pem,
        "broken into lines": piece[:10] + b"\n  " + piece[10:],
        "in a JSON string": b'"' + piece[:12] + b"\\n" + piece[12:] + b'"',
        "second phase": base64.b64encode(der[751:790]),
        "third phase": base64.b64encode(der[752:790]),
        "hexadecimal": der[760:775].hex().encode(),
        "hexadecimal with colons": der[760:775].hex(":").upper().encode(),
    }


def test_a_planted_piece_is_found_in_every_form(left: Left) -> None:
    record = left.seen["outputs/1.ipynb"]
    half = len(record) // 2
    found = {
        form: left.fragments.found_in(record[:half] + b" " + piece + b" " + record[half:])
        for form, piece in planted(left.pem).items()
    }
    assert found == dict.fromkeys(found, True)
