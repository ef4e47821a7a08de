"""What a notebook's first cells load beside their work: no two threads load modules of the project at the same time."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.second_edition.project.tracked import ROOT

# Whoever looks for a module of the project tells in which thread; those of a package whose modules import one another
# take their time, so that a second thread would meet the first.
PROGRAM = """
import json, sys, threading, time

class Watching:
    def __init__(self):
        self.seen = []

    def find_spec(self, name, path=None, target=None):
        if name.startswith("second_edition."):
            self.seen.append(threading.current_thread().name)
            if name.startswith("second_edition.rotation.checks."):
                time.sleep(0.02)
        return None

from second_edition import steps

watching = Watching()
said = []
threading.excepthook = lambda told: said.append(repr(told.exc_value))
steps.headline()
sys.meta_path.insert(0, watching)
try:
    steps.begin("retire", **steps.parameters())
except Exception as error:
    said.append(type(error).__name__)
print(json.dumps([watching.seen, said]), file=sys.__stdout__)  # from the headline on, other streams go elsewhere
"""


def test_who_goes_on_waits_for_what_is_being_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (done.returncode, done.stderr)
    seen, said = json.loads(done.stdout.splitlines()[-1])
    assert said == ["ParameterError"]  # no selector was given
    assert "imports" in seen
    assert "MainThread" in seen
    last = max(place for place, name in enumerate(seen) if name == "imports")
    assert "MainThread" not in seen[:last]
