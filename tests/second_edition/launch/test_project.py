"""A project's folder made by ``byodkim init``, and working copies opened by ``byodkim lab``."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import venv
from pathlib import Path

import pytest
from setuptools import build_meta

from second_edition.launch.command_line import main
from tests.second_edition.notebooks.lab import await_answer
from tests.second_edition.notebooks.runs import ENTRY
from tests.second_edition.project.tracked import ROOT, tracked_files
from tests.second_edition.sandbox.test_standing import free_ports

NOTEBOOKS = {path.name: path.read_bytes() for path in (ROOT / "lib/second_edition/notebooks").glob("*.ipynb")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for path in (path for path in tracked_files() if path.is_relative_to(ROOT / "lib") or path.parent == ROOT):
        (place := source / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    with contextlib.chdir(source):
        return folder / str(build_meta.build_wheel(str(folder)))


def test_the_wheel_alone_rotates_and_verifies_in_an_empty_home(wheel: Path, tmp_path: Path) -> None:
    """The packages that it needs are borrowed; byodkim itself is the wheel's, in an environment of its own."""
    home, folder, fresh = (tmp_path / name for name in ("home", "project", "fresh"))
    home.mkdir()
    venv.create(fresh)
    program = fresh / "bin/python"
    words = [
        "--python",
        str(program),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--ignore-installed",
        str(wheel),
    ]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True)
    packages = next(fresh.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    env = {"PATH": f"{fresh / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}

    def byodkim(*given: str, cwd: Path = tmp_path) -> str:
        done = subprocess.run([fresh / "bin/byodkim-second-edition", *given], cwd=cwd, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = "import second_edition, second_edition.ses_sandbox; print(second_edition.__file__, second_edition.ses_sandbox.__file__)"
    found = subprocess.run([program, "-c", where], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert all(Path(one).is_relative_to(packages) for one in found.stdout.split())
    byodkim("init", str(folder))
    words_of_rotate = ("-p", "target", "sandbox", "-p", "selector", "mail-20261124-1", "-p", "mode", "apply")
    assert byodkim("rotate", *words_of_rotate, cwd=folder).startswith("SWITCHED  example.jp signs with")
    assert "VERIFIED" in byodkim("verify", "outputs", cwd=folder)


def test_init_makes_a_project_and_overwrites_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    project = tmp_path / "project"
    assert main(["init", str(project)]) == 0
    assert {path.name: path.read_bytes() for path in (project / "notebooks").iterdir()} == NOTEBOOKS
    assert tomllib.loads((project / "byodkim.toml").read_text())["default"]["domain"] == "example.jp"
    assert (project / "outputs").is_dir()
    assert capsys.readouterr().out.count("Created: ") == len(NOTEBOOKS) + 2
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    (project / "outputs/CHG-1.ipynb").touch()
    status = ["git", "status", "--short"]
    listed = subprocess.run(status, cwd=project, capture_output=True, text=True, check=True).stdout
    assert listed.splitlines() == ["?? .gitignore", "?? byodkim.toml", "?? notebooks/"]
    (project / ".gitignore").write_text("*.html")
    (project / "byodkim.toml").write_text("mine")
    (project / "notebooks/rotate.ipynb").write_text("mine too")
    (project / "notebooks/fleet.ipynb").unlink()
    assert main(["init", str(project)]) == 0
    said = capsys.readouterr().out
    assert (said.count("Created: "), said.count("Left as it is: ")) == (1, len(NOTEBOOKS) + 1)
    altered = project / "notebooks/rotate.ipynb"
    assert [
        line.split(" differs from this version's")[0] for line in said.splitlines() if "in another folder" in line
    ] == [str(altered)]
    assert (project / ".gitignore").read_text() == "*.html"
    assert (project / "byodkim.toml").read_text() == "mine"
    assert (project / "notebooks/rotate.ipynb").read_text() == "mine too"
    assert (project / "notebooks/fleet.ipynb").read_bytes() == NOTEBOOKS["fleet.ipynb"]


def test_the_command_that_init_prints_works_from_where_it_was_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "DKIM of 2026"]) == 0
    line = capsys.readouterr().out.splitlines()[-1].rpartition("try it: ")[2]
    assert line.startswith("cd 'DKIM of 2026' && byodkim rotate -r selector ")
    path = f"{ENTRY}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        line, shell=True, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=600
    )
    assert done.stdout.startswith("PLANNED"), done.stderr
    monkeypatch.chdir("DKIM of 2026")
    assert main(["init"]) == 0
    assert "try it: byodkim rotate " in capsys.readouterr().out


def test_lab_s_help_after_a_notebook_s_name_opens_no_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("JupyterLab was started"))
    assert main(["init"]) == 0
    assert main(["lab", "review", "--help"]) == 0
    assert "usage: byodkim lab" in capsys.readouterr().out
    assert not (tmp_path / "lab").exists()


def test_lab_opens_a_copy_and_leaves_the_template_alone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "lib/second_edition/notebooks", tmp_path / "notebooks")
    words = [sys.executable, "-m", "second_edition.launch.command_line", "lab", "prepare", "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1][0].isdecimal()  # JupyterLab's own answer
    (copy,) = (tmp_path / "lab").iterdir()
    assert str(copy) in done.stdout
    assert copy.name.endswith("-prepare.ipynb")
    assert copy.read_bytes() == (tmp_path / "notebooks/prepare.ipynb").read_bytes() == NOTEBOOKS["prepare.ipynb"]


def test_lab_without_a_browser_says_the_address_of_the_copy(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "lib/second_edition/notebooks", tmp_path / "notebooks")
    words = [sys.executable, "-m", "second_edition.launch.command_line", "lab", "--no-browser", "rotate"]
    words += ["--allow-root", f"--port={free_ports()[0]}"]
    env = {**os.environ, "HOME": str(tmp_path / "home")}
    with subprocess.Popen(words, cwd=tmp_path, env=env, text=True, stderr=subprocess.PIPE) as lab:
        assert lab.stderr is not None
        address = next((found[0] for line in lab.stderr if (found := re.search(r"http://127\S+", line))), "")
        try:
            (copy,) = (tmp_path / "lab").iterdir()
            assert f"/lab/tree/{copy.name}?token=" in address
            await_answer(address, lab)
            with urllib.request.urlopen(address, timeout=600) as page:
                assert copy.name in page.read().decode()
        finally:
            lab.send_signal(signal.SIGTERM)
            lab.stderr.read()


def test_a_japanese_operator_s_profile_asks_for_japanese_records_and_has_japanese_comments(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path), "--language", "ja"]) == 0
    text, english = (tmp_path / "byodkim.toml").read_text("utf-8"), (ROOT / "lib/second_edition/byodkim.example.toml").read_text("utf-8")
    profile = tomllib.loads(english)
    profile["default"]["language"] = "ja"
    assert tomllib.loads(text) == profile
    english = english.replace('# language = "en"', 'language = "ja"')
    keys = re.compile(r"^# \w+ = ", re.MULTILINE)
    assert re.findall(r"^# \w+ = .*", text, re.MULTILINE) == re.findall(r"^# \w+ = .*", english, re.MULTILINE)
    comments = [line for line in text.splitlines() if line.startswith("# ") and not keys.match(line)]
    assert [line for line in comments if not re.search("[ぁ-んァ-ヶ一-龥]", line)] == []


@pytest.mark.parametrize("name", ["byodkim.toml", "notebooks/rotate.ipynb"])
def test_a_file_that_the_disk_does_not_take_is_named_and_not_left_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    size = len(NOTEBOOKS["rotate.ipynb"] if name != "byodkim.toml" else (ROOT / "lib/second_edition/byodkim.example.toml").read_bytes())
    (tmp_path / "notebooks").mkdir()
    for one, content in NOTEBOOKS.items():
        if one != Path(name).name:
            (tmp_path / "notebooks" / one).write_bytes(content)
    program = (
        "import resource, signal, sys; from second_edition.launch.command_line import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size - 1}, {size - 1}))\n"
        "sys.exit(main(['init', sys.argv[1]]))"
    )
    words = [sys.executable, "-B", "-c", program, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{tmp_path / name} cannot be written (File too large).")
    assert not (tmp_path / name).exists()
    assert not list(tmp_path.rglob("*.tmp"))
    assert main(["init", str(tmp_path)]) == 0
    assert f"Created: {tmp_path / name}" in capsys.readouterr().out


def test_where_there_is_no_project_lab_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    assert main(["lab"]) == 2
    assert capsys.readouterr().err == (
        "There is no notebook notebooks/rotate.ipynb here or above. "
        "Change to the project's folder, or make one with byodkim init.\n"
    )


def test_a_folder_in_a_file_s_place_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    (tmp_path / "byodkim.toml").mkdir()
    assert main(["init", str(tmp_path)]) == 2
    assert f"{tmp_path / 'byodkim.toml'} cannot be written (Is a directory)." in capsys.readouterr().err
