"""A run without a message loads nothing of what messages need."""

from __future__ import annotations

import subprocess
import sys

OF_MESSAGES = {
    "byodkim.aws.inbox", "byodkim.custody.mailbox", "byodkim.display.message", "byodkim.dkim.signature",
    "byodkim.evidence.by_message", "byodkim.evidence.later_message", "byodkim.evidence.received",
    "byodkim.intent.proving", "byodkim.procedure.proving_message", "byodkim.rotation.checks.message",
    "byodkim.rotation.message",
}  # fmt: skip
KERNEL = "byodkim.steps, byodkim.procedure.stepping, byodkim.display.opening, byodkim.display.retold"
OTHERS = "byodkim.custody.custodian, byodkim.launch.rotate, byodkim.launch.verifying, byodkim.evidence.verification"


def loaded(modules: str) -> set[str]:
    program = f"import sys, {modules}; print(*sys.modules)"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(child.stdout.split())


def test_neither_kernel_nor_custodian_nor_command_loads_what_only_messages_need() -> None:
    found = loaded(f"{KERNEL}, {OTHERS}")
    assert "byodkim.procedure.stepping" in found
    assert found & OF_MESSAGES == set()
