"""Close a run: the journal's last line, the page, and the seal over all files, chained to the
folder's last record.
"""

from typing import Final

from msgspec.structs import replace

from byodkim.checks.world import PastRun, Side
from byodkim.engine.kernel import ignore_interrupts
from byodkim.engine.observe import condensed
from byodkim.engine.request import requested, write_new
from byodkim.engine.run import Run
from byodkim.record.archive import chain_lock, last_sealed
from byodkim.record.events import Closed
from byodkim.record.record import Record, tell
from byodkim.record.seal import RunStatement, seal_run
from byodkim.words import Sentence

#: The side of a selector that was not seen.
NOTHING: Final = Side("")


def close_record(run: Run, outcome: str, headline: Sentence) -> None:
    """Close and sign the record, and end the custodian.

    The folder's lock is held from the choice of the previous record until the seal is there, so
    that the chain has no forks. A run outside papermill leaves no record.

    Raises:
        RecordError: the disk does not take it.
    """
    ignore_interrupts()
    run.note_calls()
    closed = Closed(outcome=outcome, headline=headline)
    if run.launch is None:
        run.journal.write(closed)
    else:
        with chain_lock(run.folder):
            name, head = last_sealed(run.folder)
            run.journal.write(replace(closed, previous_record=name, previous_head=head))
            record = tell(run.journal.events)
            files, folder = [f"{run.name}.journal.jsonl"], run.folder
            if run.campaign is None:  # the pages of a campaign's rows are made on demand
                from byodkim.show.page import page  # loads Jinja2, when nobody waits for it

                files.append(f"{run.name}.html")
                write_new(folder / files[-1], page(record).encode())
            if requested(run) is not None:
                suffixes = (".csv", ".zone", ".txt") if run.procedure == "prepare" else (".csv",)
                request = [f"{run.name}{suffix}" for suffix in suffixes]
                files += [file for file in request if (folder / file).is_file()]
            seal_run(run.folder, RunStatement(past_run(run, record), name, head), files, run.key)
    run.closed = True
    run.release()


def past_run(run: Run, record: Record) -> PastRun:
    """Return what later runs need to know of this one: the predicate of its seal."""
    seen = run.observation
    # Only the selector that SES showed before is known to have been in use; its key belongs to it.
    before = record.before
    was_other = before is not None and seen is not None and before.selector == seen.current.selector
    requested = seen.requested if seen else NOTHING
    previous = seen.current if seen and was_other else NOTHING
    write, sightings = record.ses_write, condensed(run.sightings)
    return PastRun(
        name=run.name,
        run=run.id,
        procedure=record.begun.procedure,
        mode=run.wanted.mode,
        outcome=record.outcome,
        target=record.begun.target,
        account=run.wanted.account,
        region=run.wanted.region,
        domain=run.wanted.domain,
        selector=run.selector,
        opened_at=record.began_at,
        closed_at=record.ended_at,
        previous=previous.selector,
        previous_status=before.status if before and was_other else "",
        key_sha256=requested.key_sha256,
        previous_key_sha256=previous.key_sha256,
        key_place=getattr(requested.key, "place", ""),
        previous_key_place=getattr(previous.key, "place", ""),
        wrote=write is not None and write.state != "not-made",
        written_at=write.intended.at if write else None,
        verified_at=record.verified_at,
        sightings=run.unpublished or ({run.selector: sightings} if sightings else {}),
    )
