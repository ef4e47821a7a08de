"""``python -m tests.second_edition.fuzz TARGET RUNS``: coverage-guided, by atheris, from seeds that are made anew for each run.

Ends with libFuzzer's own words, ``Done N runs in S second(s)``, or with the input that broke an assertion.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["second_edition"]):
    from tests.second_edition.fuzz.targets import TARGETS, WORDS, seeds


def main(target: str, runs: str) -> None:
    """Fuzz one target for so many runs; what broke it stays in the working folder as ``crash-...``."""
    with tempfile.TemporaryDirectory() as corpus:
        for place, seed in enumerate(seeds(target)):
            Path(corpus, f"seed-{place}").write_bytes(seed)
        words = Path(corpus).with_suffix(".words")
        escaped = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS)
        words.write_text("".join(f'"{word}"\n' for word in escaped))
        options = [f"-runs={runs}", "-max_len=4096", f"-dict={words}", "-print_final_stats=1", "-timeout=300"]
        atheris.Setup([sys.argv[0], *options, corpus], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
