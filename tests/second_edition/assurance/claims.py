"""What README says one can rely on: why it holds, and the tests that fail where it does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A claim, as README has it in bold; its argument, and its evidence.

    ``tests``: each a file below ``tests``, or a test in one.
    """

    claim: str
    argument: str
    tests: tuple[str, ...]


CLAIMS = (
    Claim(
        "It only reads until you say apply.",
        "The custodian of a plan run is started without the operations that write; a template with another saved mode "
        "does not apply; and with the credentials of a plan AWS refuses every write.",
        (
            "custody/test_read_only.py",
            "notebooks/test_saved_mode.py",
            "engine/test_steps.py::test_a_plan_run_reads_only",
            "access/test_enforced.py::test_a_plans_policy_does_not_write",
        ),
    ),
    Claim(
        "Proof before the switch.",
        "The checks see the public key of the object in S3, of the secret and of every authoritative server, and a "
        "message signed with the private key verifies by each record. In thousands of generated worlds no "
        "write is made without all of that.",
        (
            "rotation/test_safety.py",
            "rotation/test_said.py",
            "engine/test_moving_world.py::test_no_write_without_proof",
            "dns/test_faults.py",
            "dns/test_no_answer.py",
        ),
    ),
    Claim(
        "The rollback works before you need it.",
        "The checks of a rollback are made before the switch with what was observed. Whatever a run comes to, the "
        "command that its record prints is run as it stands, and mail is signed and verified as before.",
        (
            "notebooks/test_way_back.py",
            "notebooks/test_rollback.py",
            "rotation/test_checks.py::test_what_somebody_changed_after_the_write_would_refuse_a_rollback",
        ),
    ),
    Claim(
        "The private key stays in the custodian",
        "The custodian answers with public keys, signatures and verdicts only. Every file, output and message of a run "
        "is searched for 16 characters of the key in any spelling; those who hold the kernel try to get it out.",
        (
            "custody/test_attack.py",
            "custody/test_bounds.py",
            "custody/test_isolation.py",
            "custody/test_windows.py",
            "notebooks/test_secrets.py",
            "notebooks/test_gate.py",
        ),
    ),
    Claim(
        "Write ahead, one attempt.",
        "An intent is on disk before the request leaves, and the request leaves once. Runs are killed at each write of "
        "their journal, on a full disk and with their connection cut: the next run says what SES has, and does no "
        "write twice.",
        (
            "kills/test_kills.py",
            "custody/test_one_attempt.py",
            "notebooks/test_faults.py",
            "notebooks/test_full_disk.py",
            "evidence/test_full_disk.py",
        ),
    ),
    Claim(
        "One operator at a time.",
        "The lock is one object that S3 writes only where nobody holds it, and a file on the same machine. The second "
        "of two that begin at once is refused by name, and one whose lock was taken over does not write.",
        (
            "engine/test_locking.py",
            "engine/test_lock_object.py",
            "engine/test_lock_file.py",
            "notebooks/test_two_operators.py",
        ),
    ),
    Claim(
        "Evidence, not status.",
        "The outcome follows from what SES and DNS say after the write. A flipped bit, a line that was dropped, an "
        "output that was added and a past that was written anew each show when a record is verified.",
        (
            "rotation/test_outcome.py",
            "verification/test_forgeries.py",
            "evidence/test_journal.py",
            "verification/test_oddities.py",
            "verification/test_witnesses.py",
            "verification/test_lines.py",
        ),
    ),
)
