"""Pieces of the very keys, planted through real HTTP and real DNS wherever a run looks: none is left anywhere."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import pytest

from tests.second_edition.dkim import keys
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fragments import Fragments
from tests.second_edition.notebooks.runs import JOURNAL, Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.wire import PUT, Fault, Handler, Wire
from tests.second_edition.sandbox.generator import secret, write_secret

PLAIN = True

NEXT = "mail-20261124-1"


@dataclass(frozen=True)
class Left:
    """Hold what a run with a canary came to, and where pieces of a key are found afterwards."""

    ran: Ran
    found: list[str]
    looked_at: list[str]
    puts: int


def piece(stage: Stage, start: int = 1000, size: int = 48) -> str:
    """Base64 out of the secret part of the next private key."""
    body = b"".join(outside.pem(stage.sandbox.facts, NEXT).splitlines()[1:-1])
    return body[start : start + size].decode()


def left(stage: Stage, ran: Ran) -> Left:
    facts = stage.sandbox.facts
    known = Fragments(*(outside.pem(facts, selector) for selector in (facts.current_selector, NEXT)))
    seen = {"said": ran.stdout.encode() + ran.stderr.encode()}
    for folder in (stage.folder, stage.runner.home):
        seen |= {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = sorted(name for name, data in seen.items() if known.found_in(data))
    return Left(ran, found, sorted(seen), len(stage.puts))


def through(operation: str, fault: Callable[[str], Fault]) -> Callable[[Stage], Left]:
    """A story: the answer to an operation holds a piece of the key."""

    def story(stage: Stage) -> Left:
        with Wire(stage.sandbox.facts.endpoint_url, {operation: (fault(piece(stage)), 0)}) as wire:
            ran = stage.apply("-p", "endpoint_url", wire.url, "--log-output", "--log-level", "DEBUG")
            assert operation in wire.seen
            return left(stage, ran)

    return story


def echo(handler: Handler) -> bool:
    """The request's body, in the text of an error and in a header."""
    code, said = "BadRequestException", handler.body.decode("utf-8", "replace")
    headers, body = handler.error(code, json.dumps(said)[1:-1])
    handler.answer(400, {**headers, "x-amzn-RequestId": base64.b64encode(handler.body).decode()[:400]}, body)
    return True


def refusing(text: str) -> Fault:
    """An error of AWS's that quotes the piece, in the message and in headers."""

    def fault(handler: Handler) -> bool:
        headers, body = handler.error("AccessDeniedException", text)
        handler.answer(403, {**headers, "x-amzn-RequestId": text, "Server": text}, body)
        return True

    return fault


def verified_with_a_note(text: str) -> Fault:
    """SES shows the piece where its name server's name stands, once the key has been handled."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        content = json.loads(body)
        content["VerificationInfo"] = {"ErrorType": "HOST_NOT_FOUND", "SOARecord": {"PrimaryNameServer": text}}
        content["DkimAttributes"]["SigningHostedZone"] = text
        content["VerificationStatus"] = text
        handler.answer(status, headers, json.dumps(content).encode())
        return True

    return fault


def metadata(text: str) -> Fault:
    """S3's metadata, version and type of the key object."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        named = {"x-amz-meta-note": text, "x-amz-version-id": text, "Content-Type": f"text/{text}", "ETag": text}
        handler.answer(status, {**headers, **named}, body)
        return True

    return fault


def in_dns(stage: Stage) -> Left:
    """Somebody has published a part of the private key as the key record."""
    name = f"{NEXT}._domainkey.example.jp"
    stage.sandbox.set_record(name, "TXT", [f"v=DKIM1; k=rsa; p={piece(stage)}"])
    return left(stage, stage.apply())


def noted(text: str) -> Callable[[Stage], Left]:
    """A story: somebody has published a note in the key record."""

    def story(stage: Stage) -> Left:
        record = secret(stage.sandbox)["dns_record"]["value"].replace("p=", f"n={text}; p=")
        stage.sandbox.set_record(f"{NEXT}._domainkey.example.jp", "TXT", [record])
        return left(stage, stage.apply())

    return story


def in_the_secret(stage: Stage) -> Left:
    """The secret holds the private key beside what belongs there, and in the key record's notes."""
    held = secret(stage.sandbox)
    held["dns_record"]["value"] += f"; n={piece(stage)}"
    content = {**held, "private_key": outside.pem(stage.sandbox.facts, NEXT).decode(), "note": piece(stage)}
    write_secret(stage.sandbox, json.dumps(content))
    return left(stage, stage.apply())


STORIES: dict[str, Callable[[Stage], Left]] = {
    "the write is echoed": through(PUT, lambda _: echo),
    "SES, 403": through("GetEmailIdentity", refusing),
    "SES, a note": through("GetEmailIdentity", verified_with_a_note),
    "the secret, 403": through("GetSecretValue", refusing),
    "the key object's metadata": through("GetObject", metadata),
    "DNS": in_dns,
    "the secret": in_the_secret,
    "a stranger's key": noted(base64.b64encode(keys.pkcs8()).decode()),
    "no key": noted("public half of the PRIVATE KEY of mail"),
}
# In these the piece would have come as far as the journal: the gate has stopped the run, before any write.
STOPPED = ("DNS", "a stranger's key")


QUICK = {"name": ("the write is echoed", "a stranger's key"), "step": ("close",)}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Left]]:
    return {name: troupe.begin(name.replace(" ", "-"), story) for name, story in STORIES.items()}


@pytest.mark.parametrize("name", STORIES)
def test_no_piece_is_left_anywhere(futures: dict[str, Future[Left]], name: str) -> None:
    came = futures[name].result()
    assert came.found == []
    assert {"said", "outputs/1.ipynb"} <= set(came.looked_at)


@pytest.mark.parametrize("name", STOPPED)
def test_the_gate_ends_the_run_and_says_where(futures: dict[str, Future[Left]], name: str) -> None:
    came = futures[name].result()
    assert (came.ran.returncode, came.ran.outcome, came.puts) == (1, "REFUSED", 0)
    assert (
        "A piece of a private key or TSIG secret stands in what was to be written to the journal" in came.ran.paragraph
    )
    assert came.ran.event("closed")["error"]["type"] == "LeakStopped"
    assert "SHA-256" not in came.ran.paragraph  # nothing that is computed from the text


def test_words_about_private_keys_hide_nothing(futures: dict[str, Future[Left]]) -> None:
    came = futures["no key"].result()
    assert (came.ran.returncode, came.ran.outcome, came.puts) == (0, "SWITCHED", 1)
    assert "PRIVATE KEY of mail" in json.dumps(came.ran.notebook)


def parameter(stage: Stage) -> tuple[Left, Left]:
    """A piece as the reason of the run: by papermill, and by byodkim."""
    text = piece(stage)
    ran = stage.apply("-r", "reason", f"ticket {text}")
    plain = left(stage, ran)
    facts = stage.sandbox.facts
    words = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-p", "selector", NEXT)
    (stage.folder / "own").mkdir()
    done = stage.byodkim("rotate", *words, "-p", "reason", text, "-o", "own/1.ipynb")
    files = frozenset(str(path.relative_to(stage.folder)) for path in (stage.folder / "own").rglob("*"))
    rotated = Ran(done.returncode, done.stdout, done.stderr, stage.folder / "own/1.ipynb", files, stage.folder)
    return plain, left(stage, rotated)


@pytest.fixture(scope="module")
def parameters(troupe: Troupe) -> Future[tuple[Left, Left]]:
    return troupe.begin("parameter", parameter)


def test_a_parameter_that_holds_a_piece_leaves_no_journal(parameters: Future[tuple[Left, Left]]) -> None:
    plain, _ = parameters.result()
    assert (plain.ran.returncode, plain.puts) == (1, 0)
    assert plain.ran.headline.startswith(
        "REFUSED  A piece of a private key or TSIG secret stands in what was to be written"
    )
    assert "an output notebook that holds it as a parameter" in plain.ran.headline
    assert not any(name.endswith(".journal.jsonl") for name in plain.ran.files)
    assert JOURNAL not in json.dumps(plain.ran.notebook)
    assert plain.found == ["outputs/1.ipynb"]  # which papermill writes, and nobody else can keep it from that


def test_byodkim_rotate_keeps_no_notebook_that_holds_a_piece(parameters: Future[tuple[Left, Left]]) -> None:
    _, rotated = parameters.result()
    assert rotated.ran.returncode == 1
    assert "A piece of a private key or TSIG secret stands in the executed notebook" in rotated.ran.stderr
    assert [name for name in rotated.found if name.startswith("own/")] == []
    assert not any(name.endswith((".ipynb", ".html", ".journal.jsonl")) for name in rotated.ran.files)


@pytest.mark.parametrize(("step", "journals"), [("observe", 0), ("close", 1)])
def test_a_piece_in_a_cell_of_ones_own_ends_the_run_though_nothing_shows_it(
    troupe: Troupe, step: str, journals: int
) -> None:
    """Before the key is at hand, by what is written already, which goes; and when the run closes."""

    def story(stage: Stage) -> Ran:
        path = stage.folder / "notebooks/rotate.ipynb"
        notebook = json.loads(path.read_text("utf-8"))
        (cell,) = (one for one in notebook["cells"] if f"steps.{step}(" in "".join(one["source"]))
        cell["source"] = ["# ", piece(stage), "\n", *cell["source"]]
        path.write_text(json.dumps(notebook), "utf-8")
        ran, target = stage.run(), ("-p", "target", "sandbox", "-p", "endpoint_url", stage.sandbox.facts.endpoint_url)
        said.append(stage.byodkim("rotate", *target, "-r", "selector", NEXT, "-o", "outputs/own.ipynb"))
        return ran

    said: list[subprocess.CompletedProcess[str]] = []
    ran = troupe.begin(f"comment-{step}", story).result()
    assert ran.returncode == 1
    assert "A piece of a private key or TSIG secret stands in the notebook's own text" in ran.paragraph
    assert len([name for name in ran.files if name.endswith(".journal.jsonl")]) == journals
    (own,) = said  # what has a journal is said, with where that is; its notebook is gone
    assert own.returncode == 1
    assert bool(re.search(r"^FAILED .*\n.*own\.\S+\.journal\.jsonl$", own.stdout, re.DOTALL)) == bool(journals)
    assert not (ran.folder / "outputs/own.ipynb").exists()
