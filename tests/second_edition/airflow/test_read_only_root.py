"""The container's environment: a run that can write nowhere but in its volume."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.second_edition.airflow.test_container import TEXT
from tests.second_edition.project.tracked import ROOT

# A mount namespace of its own, in which everything but the volume is read-only.
READ_ONLY = """mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,ro,bind / &&
mount -o remount,rw,bind "$0" && cd "$0" && ! touch "$1" 2>/dev/null && shift && exec env -i "$@"
"""


def test_a_run_writes_below_its_volume_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "notebooks").symlink_to(ROOT / "lib/second_edition/notebooks")
    given = re.search(r"ENV (.*)", TEXT)
    assert given
    settings = [word.replace("/data", str(data)) for word in given[1].split() if not word.startswith("PATH=")]
    settings.append(f"PATH={Path(sys.executable).parent}:{os.environ['PATH']}")
    asked = ("-r", "selector", "mail-20261124-1", "-p", "target", "sandbox", "-p", "mode", "apply")
    alone = ["unshare", "--mount", "sh", "-c", READ_ONLY, data, tmp_path / "elsewhere", *settings]
    done = subprocess.run([*alone, "byodkim", "rotate", *asked], capture_output=True, text=True, timeout=600)
    assert done.stdout.startswith("SWITCHED  example.jp signs with mail-20261124-1"), done.stdout + done.stderr
    assert done.returncode == 0
    assert {path.name for path in data.iterdir()} == {"outputs", "state", ".ipython"}
    assert not (tmp_path / "elsewhere").exists()
