"""An IPython kernel that sends a signal as soon as a line of the journal is written.

``STRIKE`` is LINE:WHOM:SIGNAL, e.g. ``9:both:SIGKILL``. Which processes there are then, it leaves
in the file ``struck`` of the working folder.
"""

import os
import signal
import time
from pathlib import Path

import psutil
from ipykernel import kernelapp

#: Seconds for which the journal's writer stands still, so that the signal is felt at this line.
FELT_S = 0.5
_write = os.write


class Striker:
    def __init__(self, text: str) -> None:
        line, self.whom, name = text.split(":")
        self.line, self.signal = int(line), signal.Signals[name]

    def write(self, descriptor: int, data: bytes) -> int:
        count = _write(descriptor, data)
        if Path(f"/proc/self/fd/{descriptor}").readlink().name.endswith(".journal.jsonl"):
            self.line -= 1
            if self.line == 0:
                self.strike()
        return count

    def strike(self) -> None:
        kernel, papermill = os.getpid(), os.getppid()
        custodians = [each.pid for each in psutil.Process().children(recursive=True)]
        Path("struck").write_text(" ".join(map(str, [kernel, *custodians])))
        targets = {"both": [papermill, kernel], "custodian": custodians}
        targets |= {"kernel": [kernel], "papermill": [papermill]}
        for pid in targets[self.whom]:
            os.kill(pid, self.signal)
        time.sleep(FELT_S)


if __name__ == "__main__":
    vars(os)["write"] = Striker(os.environ["STRIKE"]).write
    kernelapp.launch_new_instance()
