"""What verifying an archive costs: ``python -m tests.bench.verification``. Nothing passes or fails.

Beside it, in turn, what others take for a part of the same: ``sha256sum`` over all files, and OpenSSL over each seal.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from byodkim.evidence.dsse import pae
from byodkim.evidence.journal import SUFFIX
from byodkim.evidence.seal import PAYLOAD
from byodkim.evidence.seal import SUFFIX as SEAL
from byodkim.evidence.sealing_key import default_path, public_path
from tests.verification.judged import NEXT, run
from tests.verification.made import events_of, reseal, write

BIN = Path(sys.executable).parent
COPY = "application/vnd.byodkim.journal+json"
KINDS: Sequence[tuple[str, Sequence[str]]] = (
    ("planned", ("-p", "target", "sandbox")),
    ("switched", ("-p", "target", "sandbox", "-p", "mode", "apply")),
    ("refused", ("-p", "target", "sandbox:dns-absent", "-p", "mode", "apply")),
)


def archive(folder: Path, count: int) -> None:
    """``count`` runs, a third of each kind: real ones, and copies of them under ids of their own, sealed each."""
    made = folder.parent / "made"
    made.mkdir()
    folder.mkdir()
    for name, words in KINDS:
        run(made / f"{name}.ipynb", "-r", "selector", NEXT, *words)
    for number in range(count):
        name, _ = KINDS[number % len(KINDS)]
        (journal,) = made.glob(f"{name}.*{SUFFIX}")
        _copy(made, journal, folder, name, number)


def _copy(made: Path, journal: Path, folder: Path, name: str, number: int) -> None:
    was = journal.name.removesuffix(SUFFIX).rpartition(".")[2]
    run, record = f"{was[:-4]}{number:04x}", f"{name}{number:04}"

    def renamed(text: str) -> str:
        return (
            text.replace(was, run)
            .replace(f"{name}.{run}", f"{record}.{run}")
            .replace(f"{name}.ipynb", f"{record}.ipynb")
        )

    path = folder / f"{record}.{run}{SUFFIX}"
    path.write_text(renamed(journal.read_text("utf-8")), "utf-8")
    write(path, events_of(path))
    reseal(path)
    notebook = json.loads(renamed((made / f"{name}.ipynb").read_text("utf-8")))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if COPY in output.get("data", {}):
                output["data"][COPY] = events_of(path)
    told = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / f"{record}.ipynb").write_text(told, "utf-8")


def verify(folder: Path) -> float:
    """``byodkim verify``, seconds; all of the runs are found sound."""
    return _timed([BIN / "byodkim", "verify", folder, "--key", public_path(default_path(os.environ))])


def sums(folder: Path) -> float:
    """``sha256sum`` over every file, seconds."""
    return _timed(["sha256sum", *sorted(folder.iterdir())])


def openssl(folder: Path) -> float:
    """OpenSSL over every seal, one process each, seconds."""
    messages = folder.parent / "messages"
    if not messages.exists():
        messages.mkdir()
        for path in folder.glob(f"*{SEAL}"):
            sealed = json.loads(path.read_text("utf-8"))
            (messages / path.name).write_bytes(pae(PAYLOAD, base64.b64decode(sealed["payload"])))
            (messages / f"{path.name}.sig").write_bytes(base64.b64decode(sealed["signatures"][0]["sig"]))
    key = public_path(default_path(os.environ))
    started = time.perf_counter()
    for path in messages.glob(f"*{SEAL}"):
        words: list[str | Path] = ["-pubin", "-inkey", key, "-rawin", "-in", path, "-sigfile", f"{path}.sig"]
        subprocess.run(["openssl", "pkeyutl", "-verify", *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _timed(command: Sequence[str | Path]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.verification", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = f"{name}/state"
        folder = Path(name) / "archive"
        archive(folder, asked.runs)
        judges: Sequence[Callable[[Path], float]] = (verify, sums, openssl)
        taken: list[list[float]] = [[] for _ in judges]
        for _ in range(asked.rounds):
            for times, judge in zip(taken, judges, strict=True):
                times.append(judge(folder))
        size = sum(path.stat().st_size for path in folder.iterdir())
    first = statistics.median(taken[0])
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,")
    print(
        f"Python {platform.python_version()}; {asked.runs} runs, {size / 1e6:.0f} MB; "
        f"medians of {asked.rounds} rounds in turn"
    )
    for label, times in zip(("byodkim verify", "sha256sum, all files", "openssl, all seals"), taken, strict=True):
        middle = statistics.median(times)
        print(f"{label:22} {middle:8.2f} s   least {min(times):.2f} s   verify / this = {first / middle:.2f}")


if __name__ == "__main__":
    main()
