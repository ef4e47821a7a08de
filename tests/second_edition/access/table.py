"""The table of permissions, as the documents have it: from the same declarations as the policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from second_edition.access.needs import ALWAYS, BOTH, Need
from second_edition.access.policy import COMMANDS
from second_edition.access.resources import Values, arns
from second_edition.messages import Language
from tests.second_edition.access.words import condition, word

PLACEHOLDERS: Final = Values(
    account="ACCOUNT",
    region="REGION",
    domain="DOMAIN",
    secret_id="SECRET",
    key_bucket="BUCKET",
    seal_key="seal_key",
    archive_bucket="ARCHIVE",
    archive_prefix="PREFIX/",
    encryption_key="--encryption-key",
    archive_key="--archive-key",
    key_kms="key_kms",
    hosted_zone_id="ZONE",
    tsig_secret_id="TSIG",
    proof_from="proof_from",
    proof_to="proof_to",
    inbox_bucket="INBOX",
    inbox_prefix="PREFIX/",
    elsewhere=("OTHER-REGION",),
)


def table(language: Language) -> str:
    """Return the table in Markdown, its heading included."""
    heads = [word(f"column.{name}", language) for name in ("action", "resource", "by", "for")]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows(language))]) + "\n"


def rows(language: Language) -> Iterator[tuple[str, str, str, str]]:
    """Yield one row for each need, whichever commands have it."""
    users: dict[Need, list[str]] = {}
    for command, needs in COMMANDS.items():
        for need in needs:
            users.setdefault(need, []).append(command)
    for need, commands in users.items():
        why = word(f"why.{need.why}", language)
        yield f"`{need.action}`", _resource(need, language), _by(need, commands, language), why


def _resource(need: Need, language: Language) -> str:
    if not need.on:
        return word("no-permission", language)
    places = ", ".join(f"`{arn}`" for arn in arns(need.on, PLACEHOLDERS))
    only = word(f"only.{need.only}", language) if need.only else ""
    return f"{places}{only}"


def _by(need: Need, commands: list[str], language: Language) -> str:
    modes = "" if need.modes == BOTH else word("in-mode", language).format(mode=need.modes[0])
    named = ", ".join(f"{command}{modes}" for command in commands)
    return named if need.when == ALWAYS else named + condition(need.when, language)
