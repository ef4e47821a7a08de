"""Files that the manual procedure leaves: found by name, at the top of a few folders, and not read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from second_edition.engine.leftovers import look
from tests.second_edition.dkim import keys


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a project in it, where the run stands."""
    for name in ("Downloads", "ダウンロード", "mail/notebooks", "mail/outputs", "mail/deep"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "mail")
    return tmp_path


def put(path: Path, text: str | bytes = "x") -> None:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    "name",
    ["private_key_20261110_020011.pem", "private_key.pem", "dkim-signing-attributes.json",
     "dkim-signing-attributes-2.json"],
)  # fmt: skip
@pytest.mark.parametrize("folder", ["", "Downloads", "ダウンロード", "mail", "mail/notebooks", "mail/outputs"])
def test_the_manual_procedure_s_files_are_found_wherever_it_leaves_them(home: Path, folder: str, name: str) -> None:
    put(home / folder / name)
    assert look(home / "mail/outputs") == ((f"~/{Path(folder, name)}",), ())


def test_nothing_is_looked_for_further_down_and_what_is_no_file_is_let_be(home: Path) -> None:
    for folder in ("mail/deep", "mail/notebooks/deep", "Downloads/deep"):
        (home / folder).mkdir(exist_ok=True)
        put(home / folder / "private_key_1.pem")
    (home / "private_key_2.pem").mkdir()
    os.mkfifo(home / "private_key_3.pem")  # opening it would wait for ever
    (home / "private_key_4.pem").symlink_to("nowhere")
    assert look(home / "mail/outputs") == ((), ())


def test_a_folder_that_cannot_be_listed_is_named(home: Path) -> None:
    (home / "Downloads").rmdir()
    (home / "Downloads").symlink_to("Downloads")
    assert look(home / "mail/outputs") == ((), ("~/Downloads",))


def test_a_notebook_s_kernel_that_stands_in_its_folder_looks_in_the_project_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home / "mail/private_key_1.pem")
    put(home / "mail/notebooks/private_key_2.pem")
    monkeypatch.chdir(home / "mail/notebooks")
    assert look(home / "mail/outputs")[0] == ("~/mail/notebooks/private_key_2.pem", "~/mail/private_key_1.pem")


def test_a_key_under_another_name_is_not_looked_for(home: Path) -> None:
    put(home / "Downloads/key.pem", keys.pem())
    assert look(home / "mail/outputs") == ((), ())


def test_a_locale_without_the_letters_of_a_folder_s_name_has_no_such_folder(home: Path) -> None:
    put(home / "Downloads/private_key_1.pem")
    code = "from pathlib import Path; from second_edition.engine.leftovers import look; print(look(Path('outputs')))"
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **ascii_alone}, capture_output=True, text=True
    )
    assert done.stdout == "(('~/Downloads/private_key_1.pem',), ())\n", done.stderr
