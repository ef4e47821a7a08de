"""Whole runs of prepare in this process, or in one that is killed before it writes a given line.

As a script: ``preparing.py FOLDER NAME LINE PARAMETERS``, the parameters in JSON.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from byodkim.record import journal
from tests.aws.keys import record
from tests.rotate.project import Change, Project, Result, run_steps

SELECTOR = "mail-20270101-1"


class Preparing(Project):
    """A project whose runs prepare ``SELECTOR`` in an identity's own secret."""

    def prepare(
        self, name: str = "run", before: Mapping[str, Change] | None = None, **given: str
    ) -> Result:
        """Run the steps of prepare.ipynb. ``before``: changes of the world by step."""
        return self.run(name, before, procedure="prepare", **{"selector": SELECTOR} | given)

    def killed(self, line: int, name: str = "first", **given: str) -> Result:
        """Run the steps in a process that is killed before it writes a line of its journal."""
        words = [
            str(self.outputs),
            name,
            str(line),
            json.dumps(self.parameters | {"selector": SELECTOR} | given),
        ]
        root = Path(__file__).parents[2]
        environment = self.environment | {"PYTHONPATH": str(root)}
        subprocess.run(
            [sys.executable, __file__, *words],
            cwd=self.folder,
            env=environment,
            check=False,
            timeout=60,
            stdout=subprocess.DEVNULL,
        )
        return self.result(name)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return the secret's entries for ``SELECTOR``."""
        content = self.secret()
        return [each for each in content["selectors"] if each["selector"] == SELECTOR]

    @property
    def versions(self) -> int:
        """Return how many objects were ever stored at the key's place."""
        place = self.path_of(SELECTOR)
        listed = self.client("s3").list_object_versions(Bucket=place["Bucket"], Prefix=place["Key"])
        return len(listed.get("Versions", [])) + len(listed.get("DeleteMarkers", []))

    def require_pair(self) -> str:
        """Require one object and one entry of one pair, by openssl. Return the record's value."""
        assert (self.versions, len(self.entries)) == (1, 1)
        value = str(self.entries[0]["dns_record"]["value"])
        assert value == record(self.pem(SELECTOR))
        return value

    def require_no_private_key(self) -> None:
        """Require that no file of the project holds a piece of the private key."""
        key = load_pem_private_key(self.pem(SELECTOR), None)
        assert isinstance(key, RSAPrivateKey)
        numbers = key.private_numbers()
        lines = b"".join(self.pem(SELECTOR).splitlines()[1:-1])
        pieces = [f"{numbers.p:x}"[:24], f"{numbers.q:x}"[:24], str(numbers.p)[:24]]
        for path in self.folder.rglob("*"):
            if path.is_file():
                text = path.read_bytes().replace(b"\n", b"").replace(b"\\n", b"")
                assert b"PRIVATE KEY" not in text
                assert lines[600:640] not in text
                assert not any(piece.encode() in text for piece in pieces)

    def writes(self) -> list[str]:
        """Return the writes that reached AWS, in order."""
        names = (
            "PutObject",
            "PutSecretValue",
            "UpdateSecretVersionStage",
            "ChangeResourceRecordSets",
        )
        calls = self.change("calls")
        return [each["operation"] for each in calls if each["operation"] in names]


def die_before(line: int) -> None:
    """Kill this process when the journal is about to get a line."""
    write = journal.Journal.write

    def write_or_die(self: journal.Journal, event: Any) -> Any:
        if len(self.events) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, event)

    journal.Journal.write = write_or_die  # type: ignore[method-assign]


if __name__ == "__main__":
    die_before(int(sys.argv[3]))
    run_steps("prepare", Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[4]))
