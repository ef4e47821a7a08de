"""A kernel whose port another process takes first never begins: no journal, nothing written; tests run it again."""

from __future__ import annotations

import subprocess

from tests.notebooks.runs import PORT_TAKEN
from tests.notebooks.stage import Stage, Troupe

PLAIN = True

#: Takes the first kernel's port, once.
TAKES = """
import os, socket, sys
mark = os.path.join(os.path.dirname(__file__), "taken")
if "papermill" in " ".join(sys.orig_argv) and not os.path.exists(mark):
    from jupyter_client import connect
    write, held = connect.write_connection_file, []

    def written(*arguments, **options):
        name, told = write(*arguments, **options)
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", told["shell_port"]))
        taken.listen()
        held.append(taken)
        open(mark, "w").close()
        return name, told

    connect.write_connection_file = written
"""


def test_a_run_whose_kernel_has_no_port_has_not_begun_and_is_run_again(troupe: Troupe) -> None:
    def story(stage: Stage) -> tuple[subprocess.CompletedProcess[str], list[str], str]:
        (stage.folder / "hook").mkdir()
        (stage.folder / "hook/sitecustomize.py").write_text(TAKES)
        env = stage.runner.environment(PYTHONPATH=str(stage.folder / "hook"))
        url, selector = stage.sandbox.facts.endpoint_url, stage.sandbox.facts.next_selector
        words = ("-p", "target", "sandbox", "-p", "endpoint_url", url, "-r", "selector", selector)
        command = stage.runner.command(*words, name="outputs/taken.ipynb")
        done = subprocess.run(command, cwd=stage.folder, env=env, capture_output=True, text=True, timeout=120)
        files = [path.name for path in (stage.folder / "outputs").iterdir()]
        (stage.folder / "hook/taken").unlink()
        return done, files, stage.run(env={"PYTHONPATH": env["PYTHONPATH"]}).outcome

    done, files, outcome = troupe.begin("ports", story).result()
    assert (done.returncode, files) == (1, ["taken.ipynb"])
    assert PORT_TAKEN in done.stderr
    assert outcome == "PLANNED"
