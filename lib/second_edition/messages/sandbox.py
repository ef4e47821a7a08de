"""Reasons why a sandbox cannot be reached."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "not-started": "The sandbox did not start: {reason}.",
    "not-started.todo": "Start one by itself, which shows more: python -m second_edition.ses_sandbox",
    "lacking": "The sandbox needs the package {package}, which is not installed.",
    "lacking.todo": 'Install the extra from the file that byodkim came from: pip install "PATH-OF-WHEEL[sandbox]", or pip install -e ".[sandbox]" in a clone. No package index has byodkim.',
    "changed": "The sandbox at {endpoint_url} ({scenario}): it is {now} there.",
    "changed-twin": "The twin of {account} at {endpoint_url}, observed at {at}: it is {now} there.",
    "silent": "No sandbox answers at {endpoint_url}.",
    "silent.todo": "Start one there with `byodkim sandbox start` and its option `--port`, or correct the address.",
    "another-version": "What answers there is no sandbox of this version.",
    "another-version.todo": "Stop it, and start one with `byodkim sandbox` of this version.",
}
