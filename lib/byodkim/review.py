"""Look at earlier runs, for review.ipynb: a list of them, one record, two compared.

Nothing is written, no AWS call is made. A record that is not VERIFIED is shown, and marked as such.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd

from byodkim import settings as table
from byodkim.engine import kernel
from byodkim.errors import RecordError
from byodkim.record.archive import listed, names_with
from byodkim.record.journal import SUFFIX
from byodkim.record.journal_file import read_journal
from byodkim.record.record import Record, tell
from byodkim.record.verify import RunReport, trusted_keys, verify_folder, verify_run
from byodkim.settings import Settings
from byodkim.show import notebook
from byodkim.show.frames import CATEGORY, TEXT, TIME, TRUTH, frame_of
from byodkim.show.section import Section, Status, Strong, moment, visible
from byodkim.show.tables import identity_fields
from byodkim.words import _, joined, speak

OUTPUTS: Final = "outputs"
_RUNS: Final = {
    "name": TEXT, "signature": CATEGORY, "began": TIME, "outcome": CATEGORY, "procedure": CATEGORY,
    "mode": CATEGORY, "target": CATEGORY, "domain": TEXT, "previous": TEXT, "selector": TEXT,
    "operator": TEXT, "ticket": TEXT, "signer": TEXT, "why": TEXT,
}  # fmt: skip
_DIFFERENCES: Final = {
    "differs": TRUTH, "part": CATEGORY, "name": TEXT, "first": TEXT, "second": TEXT,
}  # fmt: skip
#: Fields of ``Begun`` that are compared.
_BEGUN: Final = (
    "procedure", "mode", "target", "account", "region", "domain", "selector", "operator",
    "version", "code",
)  # fmt: skip
_MARKS: Final[dict[str, Status]] = {"VERIFIED": "passed", "UNSIGNED": "skipped"}


def runs(folder: str | Path = OUTPUTS, profile: str = "default") -> pd.DataFrame:
    """Return a row for each run of a folder, newest first, and print what is wrong with the folder.

    Columns: name, signature (VERIFIED, WRONG, UNSIGNED or UNKNOWN, as ``byodkim verify`` says),
    began, outcome, procedure, mode, target, domain, previous, selector, operator, ticket, signer,
    and why (what is wrong, or what to know of it). What a run is about is what its journal says:
    nothing in it is proved unless it is VERIFIED.

    Args:
        folder: of the records, relative to byodkim.toml.
        profile: section of byodkim.toml with the trusted keys.

    Raises:
        InputError: the profile is wrong.
        RecordError: the folder cannot be read.
    """
    settings = _settings(profile)
    place = settings.folder / folder
    report = verify_folder(place, **_policy(settings))
    for problem in report.problems:
        print(f"✘ {visible(problem)}")
    rows = [_run_row(place, run) for run in report.runs]
    frame = frame_of(_RUNS, rows, settings.zone)
    return frame.sort_values("began", ascending=False, kind="stable", ignore_index=True)


def show(run: str | Path = "", folder: str | Path = OUTPUTS, profile: str = "default") -> None:
    """Show a run's record: what its signature came to, its first screen, and its sections.

    Args:
        run: name of the run, or the path of any of its files; the newest run by default.
        folder: of the records, relative to byodkim.toml.
        profile: section of byodkim.toml with the trusted keys.

    Raises:
        InputError: the profile is wrong.
        RecordError: there is no such run, or its journal cannot be read.
    """
    settings = _settings(profile)
    verified, record = _read(_path(run, folder, settings), settings)
    kernel.show(notebook.bundle(_signature(verified)))
    kernel.show(notebook.bundle(notebook.headline(record)))
    for section in notebook.page_sections(record):
        kernel.show(notebook.bundle(section))


def compare(
    first: str | Path = "",
    second: str | Path = "",
    folder: str | Path = OUTPUTS,
    profile: str = "default",
) -> pd.DataFrame:
    """Return two runs side by side, what differs before what does not.

    Columns: differs, part (run, setting, plan, identity or check), name, first, second.

    Args:
        first: name of a run, or the path of any of its files; the newest run by default.
        second: the other one; by default the run before the first.
        folder: of the records, relative to byodkim.toml.
        profile: section of byodkim.toml with the trusted keys.

    Raises:
        InputError: the profile is wrong.
        RecordError: there is no such run, or its journal cannot be read.
    """
    settings = _settings(profile)
    path = _path(first, folder, settings)
    verified, record = _read(path, settings)
    other = _path(second or path.parent / _before(verified.name, path.parent), folder, settings)
    one, two = dict(_facts(verified, record)), dict(_facts(*_read(other, settings)))
    rows = [
        (one.get(fact) != two.get(fact), *fact, one.get(fact), two.get(fact))
        for fact in dict.fromkeys([*one, *two])
    ]
    frame = frame_of(_DIFFERENCES, rows)
    return frame.sort_values("differs", ascending=False, kind="stable", ignore_index=True)


def _settings(profile: str) -> Settings:
    settings = table.of_profile(profile)
    speak(settings.language)
    return settings


def _policy(settings: Settings) -> dict[str, Any]:
    return {
        "trusted": trusted_keys(settings.table("sealing_keys")),
        "approvals_required": settings.number("approvals"),
        "approvers": settings.table("approvers"),
    }


def _path(run: str | Path, folder: str | Path, settings: Settings) -> Path:
    """Return the path of a run, or of any of its files; "" is the folder's newest run.

    Raises:
        RecordError: the folder cannot be read, or holds no record.
    """
    if Path(run).name != str(run):
        return settings.folder / run
    place = settings.folder / folder
    return place / (run or _newest_first(place)[0])


def _newest_first(folder: Path) -> list[str]:
    """Return the names of a folder's runs whose journals can be read.

    Raises:
        RecordError: the folder cannot be read, or holds no record.
    """
    names = names_with(listed(folder)[0], SUFFIX)
    began = {name: record.began_at for name in names if (record := _record(folder, name))}
    if not began:
        raise RecordError(_("The folder {folder} holds no record.", folder=str(folder)))
    return sorted(began, key=began.__getitem__, reverse=True)


def _before(name: str, folder: Path) -> str:
    """Return the run that began before one, or that one itself where there is none."""
    names = _newest_first(folder)
    return next(iter(names[names.index(name) + 1 :]), name) if name in names else name


def _record(folder: Path, name: str) -> Record | None:
    """Return a run's record; ``None`` where its journal cannot be read."""
    with suppress(RecordError):
        return tell(read_journal(folder / f"{name}{SUFFIX}").events)
    return None


def _read(path: Path, settings: Settings) -> tuple[RunReport, Record]:
    """Return what verifying a run came to, and its record."""
    verified = verify_run(path, **_policy(settings)).runs[0]
    return verified, tell(read_journal(path.parent / f"{verified.name}{SUFFIX}").events)


def _run_row(folder: Path, run: RunReport) -> tuple[Any, ...]:
    record = _record(folder, run.name)
    why = joined(run.why, run.todo)
    if record is None:
        return run.name, run.verdict, *[None] * 10, run.signer, why
    begun = record.begun
    return (
        run.name, run.verdict, record.began_at, record.outcome, begun.procedure, begun.mode,
        begun.target.partition("/")[0], begun.domain, record.previous, begun.selector,
        begun.operator, begun.ticket, run.signer, why,
    )  # fmt: skip


def _signature(run: RunReport) -> Section:
    title = _("{verdict}: {name}", verdict=run.verdict, name=run.name)
    if run.verdict == "VERIFIED":
        body = _("Signed by {signer}; unchanged since. Its place in the chain was not checked.",
                 signer=run.signer)  # fmt: skip
        return Section(title, (body,), "passed")
    why = Strong(joined(run.why, run.todo))
    return Section(title, (why,), _MARKS.get(run.verdict, "refused"))


def _facts(run: RunReport, record: Record) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what is compared of a record, by part and name."""
    begun = record.begun
    of_run: Mapping[str, str] = {
        "name": run.name, "signature": run.verdict, "outcome": record.outcome,
        "began": moment(record.began_at, record.zone), "previous": record.previous,
        **{name: str(getattr(begun, name)) for name in _BEGUN},
    }  # fmt: skip
    identity = {field.name: field.after or field.before for field in identity_fields(record)}
    parts: Mapping[str, Mapping[str, Any]] = {
        "run": of_run,
        "setting": begun.settings,
        "plan": record.plan.facts if record.plan else {},
        "identity": {name: value or "" for name, value in identity.items()},
        "check": {each.check: f"{each.verdict}: {each.saw}" for each in record.findings},
    }
    for part, facts in parts.items():
        yield from (((part, name), str(value)) for name, value in facts.items() if value != "")
