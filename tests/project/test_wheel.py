"""The wheel has what a checkout has: notebooks, templates, example profile, entry points."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.project.tracked import tracked

PROCEDURES = sorted(path.name for path in tracked("notebooks/*.ipynb"))


def test_the_wheel_holds_every_file_of_the_library(wheel):
    names = {*zipfile.ZipFile(wheel).namelist()}
    files = [path.relative_to("lib").as_posix() for path in tracked("lib/byodkim")]
    files += [f"byodkim/notebooks/{name}" for name in PROCEDURES]
    assert {"byodkim/byodkim.example.toml", "byodkim/show/templates/record.html"} <= {*files}
    assert [name for name in files if name not in names] == []
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "byodkim",
    }


@pytest.mark.prove
def test_a_project_in_an_empty_folder_works_from_the_wheel(wheel, tmp_path):
    python, folder = environment_with(wheel, tmp_path / "venv"), tmp_path / "project"
    folder.mkdir()

    def run(*command):
        variables = {"PATH": os.defpath, "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        words = [str(each) for each in command]
        done = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    run(python.with_name("byodkim"), "init")
    assert {"byodkim.toml", "notebooks", "outputs"} <= {path.name for path in folder.iterdir()}
    assert sorted(path.name for path in (folder / "notebooks").iterdir()) == PROCEDURES
    assert run(python, "-c", "import byodkim; print(byodkim.__file__)").startswith(str(tmp_path))
    parameters = ("-r", "selector", "mail-20261124-1", "-r", "target", "sandbox")
    ending = run(
        python, "-m", "papermill", "notebooks/rotate.ipynb", "outputs/1.ipynb", *parameters
    )
    assert "PLANNED" in ending  # papermill found the hook, which says how the run ended
    assert "VERIFIED" in run(python.with_name("byodkim"), "verify")


def environment_with(wheel: Path, folder: Path) -> Path:
    """Make an environment with the wheel and this environment's packages, which are linked, not
    downloaded. Return its Python.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    paths = sysconfig.get_paths("venv", vars={"base": str(folder), "platbase": str(folder)})
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "byodkim" not in package.name and package.name != "__pycache__":
            (Path(paths["purelib"]) / package.name).symlink_to(package)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-deps"]
    subprocess.run([*pip, "--no-index", wheel], check=True, capture_output=True)
    return folder / "bin" / "python"
