"""Words of the record's page that no other view of a record has."""

from __future__ import annotations

from typing import Final

from byodkim.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    "who": "Run",
    "checks.attention": "Not passed",
    "checks.passed": "Passed: {count}",
    "checks.skipped": "Not checked: {count}",
    "comparison.others": "Other fields: {count}",
    "not-reached": "The run did not come to this step.",
    # what a step came to, beside its heading
    "result.not-reached": "not reached",
    "result.proved": "one key pair at all {places} places",
    "result.proved.signed": Plural("; {count} test signature verifies", "; {count} test signatures verify"),
    "result.broken": "not one key pair",
    "result.unpublished": "the key record is not published everywhere yet",
    "result.changed": "{count} changed",
    "result.unchanged": "nothing changed",
    "result.writes": "{count} to write",
    "result.no-writes": "nothing to write",
    "result.plan-only": "skipped: plan only",
    "result.not-written": "nothing written",
    "result.written": "written",
    "result.rolled-back": "rolled back",
    "result.other": "SES has {selector}, {status}",
    "result.not-known": "not applied, or not known",
    # the life of a selector
    "life.prepared": "prepared",
    "life.requested": "request made",
    "life.published": "seen published",
    "life.published-after": "seen afterwards",
    "life.switched": "switched",
    "life.verified": "verified",
    "life.left": "left",
    "life.retired": "retired",
    "life.retire-old": "old one retires",
    "life.unknown": "not recorded",
    "life.title": "Life of {selector}: {stages}.",
    "life.legend": "Filled: reached. Hollow: not reached, or this record does not tell.",
    "contents": "Contents",
    "evidence": "Evidence",
    "events": "journal events",
    "head": "SHA-256 of the last line",
    "file": "journal file",
    "notebook": "notebook",
    "evidence.warning": "CAUTION",
    "evidence.unsealed": "This run has closed, and no signature lies beside it ({file}): byodkim verify reports it as OFF.",
    "evidence.agree": "The journal {file} lies beside the notebook. Its chain of hashes holds, and the notebook's copy equals it.",
    "evidence.file-only": (
        "The journal {file} lies beside the notebook and its chain of hashes holds. The notebook holds no copy: the run was "
        "stopped before it could add one."
    ),
    "evidence.journal-only": "The journal {file} holds together, but the notebook of this run does not lie beside it.",
    "evidence.torn": (
        "The journal {file} lies beside the notebook and its chain of hashes holds up to its last line, which is cut off: the run was "
        "stopped as it wrote line {line}. The notebook holds no copy."
    ),
    "evidence.copy-only": (
        "No journal file lies beside the notebook, so the record is told from the copy in the notebook. The copy's chain of hashes "
        "holds, but there is no file to compare it with."
    ),
    "evidence.differ": (
        "The journal {file} and the notebook's copy of it differ from line {line} on: one of them was altered after the run. This "
        "page is told from the file, whose chain of hashes holds. Compare with an archived copy before you rely on either."
    ),
    "evidence.copy-broken": (
        "The notebook's copy of the journal does not hold together: the notebook was altered after the run. This page is told from "
        "the journal {file}, whose chain of hashes holds."
    ),
    "evidence.broken": (
        "{error} The file was altered after the run. This page is told from the notebook's copy, whose chain of hashes holds. Compare "
        "with an archived copy before you rely on it."
    ),
    "evidence.all-broken": "{error} No copy in the notebook holds together either, so nothing is told from them.",
    "evidence.copy-broken-alone": "The notebook's copy of the journal does not hold together, and no journal file lies beside it: nothing is told from it.",
    "evidence.none": "There is no journal: neither a file beside the notebook nor a copy in it.",
    "evidence.lost": "This run left a journal, but it does not lie beside the notebook, and the notebook holds no copy of it.",
    "broken": "NO EVIDENCE",
    "broken.sentence": "The journal of this run is missing or was altered, so this record proves nothing",
    "broken.todo": "Look for the journal or an archived copy of it, and look at the identity itself with a plan run.",
    "never-begun": "The run did not begin; SES was not touched",
    "never-known": (
        "No journal was found. Nothing is written before there is one, so if the run left none, SES was not touched; a plan run "
        "shows what SES has."
    ),
    "given": "Parameters given",
    # sections
    "section.checks": "Check",
    "section.comparison": "Compare before and after",
    "section.timeline": "Timeline",
    "section.calls": "AWS calls",
    "section.state": "State before the run",
    "section.proof": "Prove the key pair",
    "section.left": "What is left",
    "section.plan": "Plan",
    "section.write": "Update SES",
    "section.store": "Store the key pair",
    "section.withdraw": "Withdraw record and key",
    "section.waves": "Switch in waves",
    "section.verify": "SES verification",
    "section.servers": "Key records at the servers",
    "section.dns-team": "DNS request",
    "section.files": "Tables beside the record",
    "section.notebook": "The notebook as executed",
    "section.code": "code",
}
