"""Whole runs of prepare in this process, or in one that is killed before it writes a given line.

As a script: ``preparing.py FOLDER LINE PARAMETERS``, the parameters in JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from byodkim.record import journal
from tests.aws.keys import holds_fragment, record
from tests.rotate.project import Change, Project, Result, run_steps

SELECTOR = "mail-20270101-1"
WRITES = ("PutObject", "PutSecretValue", "UpdateSecretVersionStage", "ChangeResourceRecordSets")


class Preparing(Project):
    """A project whose runs prepare ``SELECTOR`` in an identity's own secret."""

    def prepare(
        self, name: str = "run", before: Mapping[str, Change] | None = None, **given: str
    ) -> Result:
        """Run the steps of prepare.ipynb. ``before``: changes of the world by step."""
        return self.run(name, before, procedure="prepare", **{"selector": SELECTOR} | given)

    def killed(self, line: int) -> Result:
        """Run the steps in a process that is killed before it writes a line of its journal."""
        given = json.dumps(self.parameters | {"selector": SELECTOR})
        process = self.popen(sys.executable, __file__, self.outputs, line, given)
        return self.end("first", process)

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PYTHONPATH": os.pathsep.join(sys.path)}

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return the secret's entries for ``SELECTOR``."""
        return [each for each in self.secret()["selectors"] if each["selector"] == SELECTOR]

    def require_pair(self) -> str:
        """Require one object and one entry of one pair, by openssl. Return the record's value."""
        assert (len(self.versions(SELECTOR)), len(self.entries)) == (1, 1)
        value = str(self.entries[0]["dns_record"]["value"])
        assert value == record(self.pem(SELECTOR))
        return value

    def require_no_private_key(self) -> None:
        """Require that no file of the project holds a piece of the private key."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                text = path.read_bytes().replace(b"\n", b"").replace(b"\\n", b"")
                assert b"PRIVATE KEY" not in text
                assert not holds_fragment(text, self.pem(SELECTOR))

    def writes(self) -> list[str]:
        """Return the writes that reached AWS, in order."""
        called = [each["operation"] for each in self.change("calls")]
        return [operation for operation in called if operation in WRITES]


def die_before(line: int) -> None:
    """Kill this process when the journal is about to get a line."""
    write = journal.Journal.write

    def write_or_die(self: journal.Journal, event: Any) -> Any:
        if len(self.events) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, event)

    journal.Journal.write = write_or_die  # type: ignore[method-assign]


if __name__ == "__main__":
    die_before(int(sys.argv[2]))
    run_steps("prepare", Path(sys.argv[1]), "first", json.loads(sys.argv[3]))
