"""Nothing that a run leaves or shows holds a piece of a private key; and the eye that looks for it sees."""

from __future__ import annotations

import base64
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import psutil
import pytest

from byodkim.sandbox.client import Facts
from tests.each import each
from tests.notebooks import outside
from tests.notebooks.fragments import Fragments
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.wire import PUT, Handler, Wire, refuse

PLAIN = True


@dataclass(frozen=True)
class Left:
    """Everything that could be seen of a run, by where it was seen, and what a leak would look like."""

    pem: bytes
    fragments: Fragments
    seen: dict[str, bytes]


def look(stage: Stage, endpoint_url: str) -> dict[str, bytes]:
    """Runs it; its output, and what the processes of the run show of themselves while it goes."""
    facts = stage.sandbox.facts
    words = (
        "-p",
        "target",
        "sandbox",
        "-p",
        "endpoint_url",
        endpoint_url,
        "-p",
        "mode",
        "apply",
        "--log-level",
        "DEBUG",
    )
    command = stage.runner.command(*words, "-r", "selector", facts.next_selector, name="outputs/1.ipynb")
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
                if "byodkim.custody.custodian" in words
                else "kernel"
                if "ipykernel_launcher" in words
                else ""
            )
            yield f"arguments of {kind or 'others'}", " ".join(words).encode()
            yield f"environment of {kind or 'others'}", repr(process.environ()).encode()
        except (psutil.Error, OSError):
            continue


def leaves(stage: Stage, endpoint_url: str) -> Left:
    facts: Facts = stage.sandbox.facts
    pems = [outside.pem(facts, selector) for selector in (facts.current_selector, facts.next_selector)]
    seen = look(stage, endpoint_url)
    for folder in (stage.folder, stage.runner.home):
        seen |= {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return Left(pems[1], Fragments(*pems), seen)


def switched(stage: Stage) -> Left:
    return leaves(stage, stage.sandbox.facts.endpoint_url)


def quoted_back(stage: Stage) -> Left:
    """SES refuses the write, and its message quotes what it was given."""

    def quote(handler: Handler) -> bool:
        return refuse(400, "BadRequestException", handler.body.decode())(handler)

    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (quote, 1)}) as wire:
        return leaves(stage, wire.url)


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Left]]:
    return {"switched": troupe.begin("switched", switched), "quoted back": troupe.begin("quoted", quoted_back)}


@each("name", ["switched", "quoted back"])
def test_no_piece_of_a_private_key_anywhere(futures: dict[str, Future[Left]], name: str) -> None:
    left = futures[name].result()
    assert [where for where, data in left.seen.items() if left.fragments.found_in(data)] == []


@each("name", ["switched", "quoted back"])
def test_all_that_a_run_leaves_was_looked_at(futures: dict[str, Future[Left]], name: str) -> None:
    seen = futures[name].result().seen
    wanted = {"stdout and stderr", "outputs/1.ipynb", "arguments of kernel", "arguments of custodian"}
    assert wanted <= seen.keys()
    assert any(name.endswith(".journal.jsonl") for name in seen)
    assert b"outputs/1.ipynb" in seen["stdout and stderr"]
    outcome = b'"outcome":"SWITCHED"' if name == "switched" else b'"outcome":"FAILED"'
    assert any(outcome in data for name, data in seen.items() if name.endswith(".journal.jsonl"))


def test_the_public_key_is_no_leak(futures: dict[str, Future[Left]]) -> None:
    left = futures["switched"].result()
    value = re.search(rb"p=(MIIB[A-Za-z0-9+/]{300,}={0,2})", left.seen["outputs/1.ipynb"])
    assert value is not None
    assert not left.fragments.found_in(value[1])


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


@each("form", [
    "16 characters", "the whole PEM", "broken into lines", "in a JSON string", "second phase", "third phase",
    "hexadecimal", "hexadecimal with colons",
])  # fmt: skip
def test_a_planted_piece_is_found(futures: dict[str, Future[Left]], form: str) -> None:
    left = futures["switched"].result()
    record = left.seen["outputs/1.ipynb"]
    half = len(record) // 2
    assert left.fragments.found_in(record[:half] + b" " + planted(left.pem)[form] + b" " + record[half:])


def test_every_window_of_the_secret_part_is_found(futures: dict[str, Future[Left]]) -> None:
    left = futures["switched"].result()
    body = b"".join(left.pem.splitlines()[1:-1])
    missed = [start for start in range(400, len(body) - 16) if not left.fragments.found_in(body[start : start + 16])]
    # Between two numbers stand a tag and a length: a window across them holds less of either.
    assert len(missed) < 150
