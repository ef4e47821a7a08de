"""The archive's runs, verified as ``byodkim verify`` does: what each one's evidence is worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from byodkim.evidence.archive import Listed, Standing, weighed
from byodkim.evidence.heads import compare
from byodkim.evidence.verification import Verified
from byodkim.evidence.verification_chain import verify_chain
from byodkim.evidence.verification_files import NothingToVerify, collect
from byodkim.evidence.verification_finding import Speaker
from byodkim.evidence.verification_fleet import verify_fleets
from byodkim.evidence.verification_policy import aged
from byodkim.launch.trusted import trusted
from byodkim.launch.verifying import verify_all
from byodkim.launch.witnesses import witnesses
from byodkim.messages import Language


def verified(listed: Sequence[Listed], folder: Path, language: Language) -> tuple[Listed, ...]:
    """The runs of ``folder`` with what their verification found, in the words of ``language``.

    Whose seals and approvals count: those that the nearest ``byodkim.toml`` names, else this user's own.

    Raises:
        ByodkimError: a key of ``byodkim.toml`` is none.
    """
    try:
        files = collect([folder], language)
    except NothingToVerify:
        return tuple(listed)
    given = trusted((), (), None, language)
    runs = verify_fleets(verify_chain(verify_all(files, given, language), language), language)
    said = witnesses((), (), given.heads_files, language)
    runs = compare(runs, said.heads, Speaker(language), required=bool(given.policy and given.policy.witness))
    runs = aged(runs, given.policy, datetime.now(UTC), Speaker(language))
    return weighed(listed, {one.path: _standing(one) for one in runs})


def _standing(one: Verified) -> Standing:
    key = {"no-run": "unbegun"}.get(one.verdict, one.verdict)
    return Standing(key, one.sound, tuple(finding.text for finding in one.findings if finding.fault))
