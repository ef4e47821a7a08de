"""A custodian's process without its client: every byte that it writes is in the test's hands."""

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from byodkim.custody import start
from byodkim.custody.settings import AwsSettings


class Child:
    """The process. ``environment``: before it is filtered, as the client does."""

    def __init__(
        self, settings: AwsSettings, folder: Path, *options: str, **environment: str
    ) -> None:
        self.process = subprocess.Popen(
            start.command(*options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=start.safe_environment({**os.environ, **environment}),
        )
        self.written = b""
        self._say(msgspec.json.encode(settings))

    def ask(self, operation: Any) -> dict[str, Any]:
        """Return the answer to an operation; {} where the process ended instead."""
        self._say(msgspec.json.encode({"id": 1, "operation": operation}))
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.written += line
        answer: dict[str, Any] = msgspec.json.decode(line)["answer"] if line else {}
        return answer

    def end(self) -> bytes:
        """End the process, and return all that it wrote to standard output and error."""
        output, errors = self.process.communicate(timeout=10)
        return self.written + output + errors

    def _say(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
