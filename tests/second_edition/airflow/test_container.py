"""The Containerfile's steps, as far as they can be made without an engine for containers."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.second_edition.project.tracked import ROOT, tracked_files

TEXT = (ROOT / "deploy/Containerfile").read_text("utf-8").replace("\\\n", " ")
STEPS = [line.split(maxsplit=1) for line in TEXT.splitlines() if line and not line.startswith("#")]


def test_all_that_is_copied_is_in_the_checkout() -> None:
    tracked = {str(path.relative_to(ROOT)) for path in tracked_files()}
    copied = [words.split()[:-1] for step, words in STEPS if step == "COPY" and not words.startswith("--from")]
    assert len(copied) > 3
    for name in (name for names in copied for name in names):
        assert name in tracked or any(path.startswith(f"{name}/") for path in tracked), name


def test_what_the_library_links_to_is_copied_too() -> None:
    copied = " ".join(words for step, words in STEPS if step == "COPY").split()
    links = [path.resolve().relative_to(ROOT).parts[0] for path in (ROOT / "lib").rglob("*") if path.is_symlink()]
    assert links
    assert set(links) <= set(copied)


def test_every_installation_is_by_hashes_or_of_the_checkout() -> None:
    installs = re.findall(r"pip install ([^&\n]*)", TEXT)
    assert len(installs) == 3
    assert [words for words in installs if "--require-hashes" not in words] == [
        words for words in installs if "--editable ." in words
    ]
    assert all("--no-deps" in words for words in installs)


def test_the_entry_point_is_a_command_of_the_package() -> None:
    (words,) = (words for step, words in STEPS if step == "ENTRYPOINT")
    command = words.strip('["]')
    done = subprocess.run([f"{sys.prefix}/bin/{command}", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "rotate" in done.stdout


def test_nobody_runs_it_as_root() -> None:
    users = [words for step, words in STEPS if step == "USER"]
    assert users == ["10001:10001"]
    assert STEPS.index(["USER", "10001:10001"]) < STEPS.index(["ENTRYPOINT", '["byodkim"]'])


def test_no_secret_is_baked_in() -> None:
    assert not re.search(r"(?i)aws_|secret|password|byodkim\.toml", re.sub(r"#.*", "", TEXT))
