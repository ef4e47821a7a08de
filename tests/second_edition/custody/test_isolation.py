"""No variable, folder or file of the caller decides which code holds the key."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from second_edition.custody.isolation import harmless
from tests.second_edition.project.tracked import ROOT

SPY = "import pathlib; pathlib.Path({mark!r}).write_text({name!r})\n"
# The last one lies where Python looks first, unless it is started isolated. test_paths.py has what Python would load.
BESIDE = ("botocore.py", "json.py", "second_edition/custody/ctypes.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the library, in a folder where anybody may put files."""
    shutil.copytree(ROOT / "lib/second_edition", tmp_path / "lib/second_edition", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def asks(checkout: Path) -> str:
    """A program that starts a custodian of the copy, asks it, and prints what it said."""
    paths = [str(checkout / "lib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return (
        f"import sys; sys.path += {paths!r}\n"
        # Without site, a virtual environment's Python takes the packages of its base for its own.
        f"sys.prefix = sys.exec_prefix = {sys.prefix!r}\n"
        "from second_edition.custody.client import Custodian, Refused\n"
        "custodian = Custodian()\n"
        "try:\n custodian.ask('caller').result()\nexcept Refused as refused:\n print(refused.code)\n"
        "custodian.close()"
    )


def environment(folder: Path, line: str) -> str:
    """The Python of a virtual environment in which a .pth file runs a line wherever site is loaded."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "spy.pth").write_text(line)
    return str(folder / "bin/python")


def test_no_file_beside_the_package_or_in_a_site_directory_is_loaded(checkout: Path) -> None:
    mark = checkout / "mark"
    python = environment(checkout / "venv", SPY.format(mark=str(mark), name="spy.pth"))
    subprocess.run([python, "-I", "-c", ""], check=True)
    mark.unlink()  # the spy works where site is loaded
    for name in BESIDE:
        (checkout / "lib" / name).write_text(SPY.format(mark=str(mark), name=name))
    # The asker itself gets at its modules before what lies beside the package.
    program = asks(checkout).replace("sys.path += ", "sys.path[1:1] = sys.path[1:] + ", 1)
    head = f"import sys; sys.path += {[sysconfig.get_path('purelib')]!r}\nimport json, botocore.session\n"
    started = [python, "-S", "-c", head + program]
    done = subprocess.run(started, cwd=checkout, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stdout.strip()) == (0, "NotOpen"), done.stderr
    assert not mark.exists(), mark.read_text()


def test_what_decides_about_code_is_left_out() -> None:
    names = ("PYTHONPATH", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "GCONV_PATH", "OPENSSL_CONF", "AWS_DATA_PATH",
             "BOTOCORE_EXPERIMENTAL__PLUGINS")  # fmt: skip
    given = dict.fromkeys(names, "x")
    kept = {"AWS_PROFILE": "mail", "HOME": "home", "XDG_STATE_HOME": "state"}
    assert harmless({**given, **kept}) == kept
