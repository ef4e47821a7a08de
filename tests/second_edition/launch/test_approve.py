"""``byodkim approve`` where there is no terminal: the passphrase is a line of standard input, or missing."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from second_edition.launch.command_line import main
from tests.second_edition.dkim import keys
from tests.second_edition.golden.__main__ import ARCHIVE, KEY

BYODKIM = str(Path(sys.executable).with_name("byodkim-second-edition"))


def approve(folder: Path, lines: str) -> subprocess.CompletedProcess[str]:
    """Make a key; the process has no terminal that it could ask at."""
    words = [BYODKIM, "approve", "--name", "tanaka", "--key", str(folder / "approver.pem")]
    return subprocess.run(
        words, cwd=folder, input=lines, capture_output=True, text=True, check=False, start_new_session=True, timeout=600
    )


def test_without_a_passphrase_it_is_said_in_one_paragraph_and_no_key_is_made(tmp_path: Path) -> None:
    for lines in ("", "secret\n"):
        done = approve(tmp_path, lines)
        assert (done.returncode, done.stdout) == (2, ""), lines
        assert "there is no terminal to ask at" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_taken_from_standard_input_without_a_word(tmp_path: Path) -> None:
    done = approve(tmp_path, "secret\nsecret\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ENCRYPTED" in (tmp_path / "approver.pem").read_text()


def test_a_plan_whose_signed_journal_is_not_there_is_not_signed_and_an_approver_who_is_not_listed_is_warned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, [one for one in file if "rotate/1." in one.name], filter="data")
    folder = tmp_path / "archive/rotate"
    words = ["approve", str(folder / "1.ipynb"), "--key", str(tmp_path / "key.pem"), "--name", "tanaka", "--yes"]
    (seal,), (journal,) = folder.glob("*.seal.json"), folder.glob("*.journal.jsonl")
    for missing in ([seal], [journal], [seal, journal]):
        kept = {path: path.read_bytes() for path in missing}
        for path in missing:
            path.unlink()
        assert main([*words, "--language", "en"]) == 2
        said = capsys.readouterr()
        assert (said.out, len(said.err.splitlines())) == ("", 1)
        assert "byodkim verify reports this run as OFF" in said.err
        assert "Nothing was signed." in said.err
        for path, data in kept.items():
            path.write_bytes(data)
    assert main([*words, "--language", "en", "--comment", f"see {keys.pem().decode()}"]) == 2
    refused = "The comment holds what looks like a private key or part of one. Nothing was signed. Treat that"
    assert refused in capsys.readouterr().err
    assert list(tmp_path.glob("**/*approval*")) == []
    assert main(words) == 0
    assert len(list(folder.glob("*.approval.tanaka.json"))) == 1
    shown = capsys.readouterr().out
    assert "Warning" not in shown  # nothing is known of the profile here
    assert re.search(r"^  papermill \S+rotate\.ipynb \S+ .* -p mode apply -r approved \S+$", shown, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    public, other = re.findall(r"[\w+/]{43}=", shown)[0], base64.b64encode(bytes(32)).decode()
    for name, has, known in (("sato", "", "-"), ("suzuki", f'approvers.mori = "{other}"\n', "mori")):
        (tmp_path / "byodkim.toml").write_text(f"[default]\n{has}")
        assert main([*words[:4], "--name", name, "--yes", "--language", "en"]) == 0
        shown = capsys.readouterr().out
        assert f"{tmp_path / 'byodkim.toml'} does not list {name} with this key (approvers: {known})" in shown
        assert "The plan asks for no approval (approvals = 0)" in shown
        assert "-r approved" not in shown
        assert main([*words[:4], "--name", name, "--yes", "--language", "en"]) == 2
        again = capsys.readouterr().err
        assert f"It counts where byodkim.toml lists {name} with the key that made it" in again
        assert "-r approved" not in again
        assert "move that file away and approve again" in again
        entry = f'approvers.{name} = "{public}"'
        assert shown.splitlines()[-1] == entry
        with (tmp_path / "byodkim.toml").open("a") as file:  # as rehearsal.md has it, for one approver after another
            file.write(f"{entry}\n")
        listed = tomllib.loads((tmp_path / "byodkim.toml").read_text())["default"]["approvers"]
        assert listed == {name: public} | ({"mori": other} if has else {})

    for listed, name, told in (
        (f'tanaka = "{public}"', "abe", "lists this key as tanaka's, not as abe's"),
        (f'abe = "{other}"', "abe", "lists abe with another key than this one"),
    ):
        (tmp_path / "byodkim.toml").write_text(f"[default]\napprovers.{listed}\n")
        assert main([*words[:4], "--name", name, "--yes", "--language", "en"]) == 2
        assert told in capsys.readouterr().err
    assert not [*folder.glob("*.approval.abe.json")]


def test_an_approver_of_a_campaign_is_told_for_how_many_it_is_whose_it_is_and_that_its_key_is_not_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(ARCHIVE) as file:
        file.extractall(tmp_path, [one for one in file if "/stopped/" in one.name], filter="data")
    monkeypatch.chdir(tmp_path)
    (plan,) = (tmp_path / "archive/stopped").glob("*-fleet/*44Z-sandbox-fleet.ipynb")
    words = ["approve", str(plan), "--key", str(tmp_path / "key.pem"), "--yes", "--language", "en", "--name"]
    for name, listed in (("tanaka", False), ("sato", True)):
        keys = [str(KEY)] if listed else []
        (tmp_path / "byodkim.toml").write_text(f"[default]\nsealing_keys = {keys}\n")
        assert main([*words, name]) == 0
        shown = capsys.readouterr().out
        assert re.search(
            r"One approval switches [1-9]\d* identities, as arn:aws:\S+ planned them \(key: \w{64}\)", shown
        )
        assert ("that key is neither your own nor one of sealing_keys" in shown) is not listed
        assert ("byodkim archive RECORD" in shown) is not listed
    (tmp_path / "byodkim.toml").write_text("[default]\nseal_key = 'arn:aws:kms:eu-west-1:123456789012:alias/seal'\n")
    assert main([*words, "suzuki"]) == 0
    assert re.search(r"Warning: \w{64} is neither your own [^!]* may be the one in KMS", capsys.readouterr().out)
