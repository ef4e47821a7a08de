"""The steps of ``review.ipynb``: archived runs listed, their evidence looked at, two compared, an identity's history.

Reads files of an archive and nothing else: no AWS, no DNS, no network, and it writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.display import history as runs_display
from second_edition.display.blocks import Block, Column, Data, Heading, Kind, Paragraph, Table, table
from second_edition.display.history import words_for
from second_edition.display.lifeline import picture_of
from second_edition.display.notebook import Shown
from second_edition.engine import kernel
from second_edition.evidence.archive import choose, runs
from second_edition.intent import parameters as parameters_
from second_edition.intent import profile
from second_edition.intent.profile_file import spoken
from second_edition.launch.verifying import verified
from second_edition.messages import LANGUAGES, Language, say

if TYPE_CHECKING:
    from second_edition.display.words import Words
    from second_edition.evidence.archive import Listed

__all__ = ["begin", "compare", "history", "list_runs", "parameters", "verify"]

PARAMETERS: Final = ("archive", "identity", "runs", "language")


class Archive(Struct, frozen=True):
    """The runs under review, newest first, all or those of one identity; ``pair``: the ids of the two to compare."""

    runs: tuple[Listed, ...]
    pair: tuple[str, ...]
    words: Words


def parameters() -> dict[str, Any]:
    """Return what the parameters cell and papermill's cell set, unknown names included, which ``begin`` refuses."""
    kernel.harden()
    return kernel.parameters(PARAMETERS)


def begin(**given: Any) -> Archive:
    """Read the archive.

    Args:
        given: ``archive``, a folder (one that is not absolute is looked for beside byodkim.toml here or above);
            ``identity``, empty for all; ``runs``, two run ids with a comma between, empty for the newest two;
            ``language``.

    Raises:
        ParameterError: a parameter is unknown, no text, or names what the archive does not hold.
        ArchiveError: there is no such folder.
    """
    options = _checked(given)
    folder = profile.records(options["archive"] or "outputs")
    found = runs(folder, spoken(options["language"]))
    words = words_for(found, _language(options["language"]))
    found = verified(found, folder, words.language)
    if options["identity"]:
        known = sorted({one.domain for one in found if one.domain})
        found = tuple(one for one in found if one.domain == options["identity"])
        if not found:
            values = {"identity": options["identity"], "known": ", ".join(known) or "-"}
            raise parameters_.error("review.identity", words.language, **values)
    return Archive(found, _pair(options["runs"], words.language), words)


def list_runs(archive: Archive) -> Shown:
    """Show every run in a row; its ``frame`` is a DataFrame of them."""
    if not archive.runs:
        return Shown([Paragraph(archive.words("There are no runs here yet.")), runs_display.listing((), archive.words)])
    return Shown([runs_display.listing(archive.runs, archive.words)])


def verify(archive: Archive) -> Shown:
    """Show what the evidence of the runs is worth, as ``byodkim verify`` finds: one sentence, and what is off."""
    unsound = [one for one in archive.runs if not one.standing.sound]
    blocks: list[Block] = [
        Paragraph(say("site", "review.unsound" if unsound else "review.sound", archive.words.language))
    ]
    if unsound:
        columns = (
            Column("run", Kind.TEXT, say("site", "run", archive.words.language)),
            Column("evidence", Kind.TEXT),
            Column("", Kind.TEXT, archive.words("what is off")),
        )
        rows = [(one.run, one.standing.key, runs_display.standing(one, archive.words)) for one in unsound]
        blocks.append(table("unsound", columns, rows))
    return Shown(blocks)


def compare(archive: Archive) -> Shown:
    """Show what differs between the two runs that were named, or the newest two of one identity, the earlier one first.

    Raises:
        ArchiveError: a run that was named is not in the archive.
    """
    pair = [choose(archive.runs, run, archive.words.language) for run in archive.pair] or _newest_two(archive.runs)
    if len(pair) < 2:
        return Shown([Paragraph(archive.words("There are no two runs to compare."))])
    one, other = sorted(pair, key=lambda one: one.at)
    return Shown(runs_display.difference(one, other, archive.words))


def history(archive: Archive) -> Shown:
    """Show the history of the newest run's identity, in each account, Region and sandbox: pictures and tables."""
    newest = next((one for one in archive.runs if one.trace and one.domain), None)  # a campaign is of no identity
    own = [one for one in archive.runs if newest is None or one.domain == newest.domain]
    unknown = [one for one in archive.runs if one not in own and runs_display.is_unknown(one)]
    left_out = [Paragraph(one) for one in runs_display.left_out([*own, *unknown], archive.words)]
    if newest is None:
        return Shown([*left_out, Paragraph(say("site", "history.none", archive.words.language))])
    blocks, worlds = list[Block](left_out), runs_display.worlds(own)
    for world, own_runs in worlds.items():
        title = runs_display.title_of(world, own_runs, archive.words) if len(worlds) > 1 else ""
        traces = [one.trace for one in own_runs if one.trace]
        picture, caption = picture_of(own_runs, archive.words)
        if picture:
            kernel.show_picture(picture, f"{title}. {caption}" if title else caption)
        on = max(datetime.now(UTC), *(one.ended for one in traces))
        told = runs_display.history(traces, on, archive.words)
        blocks += [Heading(title), *(_of_world(block, world) for block in told)] if title else told
    return Shown(blocks)


def _of_world(block: Block, world: str) -> Block:
    """Return a table whose rows name their world."""
    if not isinstance(block, Table) or block.data is None:
        return block
    kinds = {"world": Kind.TEXT, **block.data.kinds}
    return replace(block, data=Data(block.data.name, kinds, tuple((world, *row) for row in block.data.rows)))


def _newest_two(runs: Sequence[Listed]) -> list[Listed]:
    """Return the newest run that another one of its identity came before, and that one."""
    waiting: dict[tuple[str, str], Listed] = {}
    for one in (one for one in runs if one.traits and one.domain):
        if (later := waiting.setdefault((one.domain, one.world), one)) is not one:
            return [one, later]
    return []


def _checked(given: dict[str, Any]) -> dict[str, str]:
    language = spoken(given.get("language"))
    for name, value in given.items():
        if name not in PARAMETERS:
            raise parameters_.unknown(name, PARAMETERS, language)
        if not isinstance(value, str):
            raise parameters_.error("number", language, name=name, value=str(value)[:40])
    if given.get("language") and not _language(given["language"]):
        raise parameters_.wrong("language", given["language"], language)
    return {name: str(given.get(name, "")).strip() for name in PARAMETERS}


def _language(value: object) -> Language | None:
    return next((language for language in LANGUAGES if language == value), None)


def _pair(runs: str, language: Language) -> tuple[str, ...]:
    named = tuple(part.strip() for part in runs.split(",") if part.strip())
    if len(named) not in (0, 2):
        raise parameters_.error("review.two", language)
    return named
