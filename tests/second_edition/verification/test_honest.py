"""What happens to honest runs, and is no fault: clocks that are off, writers that are killed. Forgeries like it are.

Each imitation differs from the honest case in one thing, and is found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from second_edition.display.placeholder import placeholder
from second_edition.evidence.journal import read
from second_edition.evidence.seal import seal_path
from second_edition.evidence.verification_chain import newest
from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks.wire import Handler, Wire, reset
from tests.second_edition.verification.judged import NEXT, codes, faults, files_of, journal_of, judge, run
from tests.second_edition.verification.made import cut, events_of, follow, reseal, save, stop, write

Notebook = dict[str, Any]


def later(chain: Path, minutes: float) -> str:
    """An id of that many minutes after the chain's run ``again``."""
    began = datetime.fromisoformat(events_of(journal_of(chain, "again"))[0]["at"])
    return f"{began + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}-0001"


def test_a_run_by_a_clock_that_is_ahead(chain: Path) -> None:
    """The ones after it were made by a clock that is right."""
    for path in files_of(chain, "back"):
        path.unlink()
    follow(chain, "ahead", after="again", at=later(chain, 5))
    follow(chain, "right", after="ahead", at=later(chain, 1))
    follow(chain, "then", after="right", at=later(chain, 2))
    runs = judge(chain)
    assert faults(runs) == {}
    (head,) = newest(runs)
    assert head == later(chain, 2)


def test_a_killed_run_between_such_clocks(chain: Path) -> None:
    """It is vouched for by a run that seems to have begun before it."""
    for path in files_of(chain, "back"):
        path.unlink()
    stop(follow(chain, "ahead", after="again", at=later(chain, 5)))
    follow(chain, "right", after="ahead", at=later(chain, 4))
    verdicts = {one.path.name.split(".")[0]: one.verdict for one in judge(chain)}
    assert (verdicts["ahead"], verdicts["right"]) == ("stopped", "verified")
    seal_path(journal_of(chain, "right")).unlink()
    assert faults(judge(chain)) == {"ahead": {"taken-up-untrusted"}, "right": {"unsealed"}}


def test_an_end_that_was_taken_away_is_no_run_without_one(chain: Path) -> None:
    """Who removes closing event and seal leaves what a full disk leaves; only the run that completes it makes up."""
    for name in ("back", "again"):
        cut(chain, name, events=len(events_of(journal_of(chain, name))) - 1)
    assert faults(judge(chain)) == {"again": {"open"}, "back": {"open", "previous-altered"}}


def set_clock(chain: Path, name: str, ahead_s: float) -> None:
    """Have a run say that its clock was ahead of AWS's."""
    path = journal_of(chain, name)
    events = events_of(path)
    (caller,) = [event for event in events if event["event"] == "caller"]
    caller["caller"]["clock_skew_s"] = ahead_s
    write(path, events)
    reseal(path)


@pytest.mark.parametrize(("skew", "apart", "found"), [(240.0, 5, False), (0.0, 1.1, False), (0.0, 5, True)])
def test_of_two_runs_at_once_the_last_one_by_aws_s_clock_counts(
    chain: Path, skew: float, apart: float, found: bool
) -> None:
    """One switched, the other looked before it by a clock that is ahead, or within the seconds that clocks tell."""
    follow(chain, "looked", after="again", at=later(chain, apart))
    set_clock(chain, "looked", skew)
    follow(chain, "switched", after="again", at=later(chain, 1), as_="back")
    for path in files_of(chain, "back"):
        path.unlink()
    then = follow(chain, "then", after="switched", at=later(chain, 6), as_="apply")
    events, looked = events_of(then), read(journal_of(chain, "looked"))
    events[0]["previous"]["beside"] = [{"run": looked.begin.run, "head": looked.head}]
    write(then, events)
    reseal(then)
    (told,) = (one for one in judge(chain) if one.path.name.startswith("then."))
    assert ("changed-between" in codes(told)) == found


def test_a_run_that_waited_for_an_hour(chain: Path) -> None:
    """No clock is off by that, and each event is of the run's time."""
    path = journal_of(chain, "back")
    *events, closed = events_of(path)
    closed["at"] = (datetime.fromisoformat(closed["at"]) + timedelta(hours=1)).isoformat(timespec="milliseconds")
    write(path, [*events, closed])
    reseal(path)
    (chain / "back.ipynb").unlink()
    assert faults(judge(chain)) == {}


def custodians() -> Iterator[psutil.Process]:
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # another test's that has ended
            if any(part.endswith("custody/bootstrap.py") for part in child.cmdline()):
                yield child


def test_a_custodian_killed_in_begin(tmp_path: Path) -> None:
    """As its first call comes to AWS. The run is refused, and what is left of it verifies."""

    def kill(handler: Handler) -> bool:
        while not (found := list(custodians())):  # a list of processes may lack one that begins meanwhile
            pass
        for child in found:
            child.kill()
        return reset(handler)

    with Sandbox.start() as sandbox, Wire(sandbox.facts.endpoint_url, {"GetEmailIdentity": (kill, 1)}) as wire:
        where = ("-p", "target", "sandbox", "-p", "endpoint_url", wire.url, "-p", "mode", "apply")
        assert run(tmp_path / "killed.ipynb", *where, "-r", "selector", NEXT) == 1
    (one,) = judge(tmp_path)
    assert (one.verdict, one.outcome, codes(one)) == ("verified", "REFUSED", set())
    notebook = json.loads((tmp_path / "killed.ipynb").read_bytes())
    shown = [output for cell in notebook["cells"] for output in cell.get("outputs", ()) if "data" in output]
    shown[-1]["data"]["text/plain"] = "SWITCHED"
    save(tmp_path / "killed.ipynb", notebook)
    assert "outputs" in codes(judge(tmp_path)[0])


@pytest.mark.parametrize("kept", [0, 1, 2000, -400, -3])
def test_a_notebook_whose_writer_was_killed(chain: Path, kept: int) -> None:
    notebook = chain / "back.ipynb"
    notebook.write_bytes(notebook.read_bytes()[:kept])
    assert codes(judge(journal_of(chain, "back"))[0]) == {"notebook-cut", "previous-elsewhere"}
    # What is no beginning of a notebook is nobody's half a file.
    notebook.write_bytes(notebook.read_bytes()[:1999] + b"\0")
    assert "notebook-spelling" in codes(judge(journal_of(chain, "back"))[0])


def test_half_a_notebook_without_a_journal(chain: Path, tmp_path: Path) -> None:
    """It was cut before it named a run, or its journal is missing."""
    alone = tmp_path / "alone"
    alone.mkdir()
    notebook = json.loads((chain / "back.ipynb").read_bytes())
    for cell in notebook["cells"]:
        cell |= {"outputs": []} if cell["cell_type"] == "code" else {}
    (alone / "back.ipynb").write_text(json.dumps(notebook, indent=1)[:-3])
    assert [one.verdict for one in judge(alone)] == ["no-run"]
    (alone / "back.ipynb").write_bytes((chain / "back.ipynb").read_bytes()[:-3])
    assert [codes(one) for one in judge(alone)] == [{"journal-missing"}]


def unfinished(notebook: Notebook) -> list[Notebook]:
    """A notebook as it was saved before its last cell; its code cells."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[-1] |= {"outputs": [], "execution_count": None}
    code[0]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": placeholder()}]
    return code


def as_is(_: list[Notebook]) -> None:
    pass


def emptied(code: list[Notebook]) -> None:
    """A cell in the middle, such as that with the checks."""
    place = next(number for number, cell in enumerate(code) if "steps.check" in "".join(cell["source"]))
    code[place]["outputs"] = []


def reworded(code: list[Notebook]) -> None:
    place = next(number for number, cell in enumerate(code) if "steps.compare" in "".join(cell["source"]))
    code[place]["outputs"][0]["data"]["text/plain"] = "x"


def concluded(code: list[Notebook]) -> None:
    """A headline that says how the run ended, though its end is not shown."""
    code[0]["outputs"] = [{**code[0]["outputs"][0], "data": {"text/plain": "SWITCHED"}}]


@pytest.mark.parametrize(
    ("forge", "found"), [(as_is, set()), (emptied, {"outputs"}), (reworded, {"outputs"}), (concluded, {"outputs"})]
)
def test_a_notebook_that_was_not_saved_to_its_end(
    chain: Path, forge: Callable[[list[Notebook]], None], found: set[str]
) -> None:
    path = chain / "apply.ipynb"
    notebook = json.loads(path.read_bytes())
    forge(unfinished(notebook))
    save(path, notebook)
    (one,) = judge(journal_of(chain, "apply"))
    assert codes(one) == found | {"notebook-unfinished", "previous-elsewhere"}


def test_a_notebook_that_was_saved_to_its_end_but_for_what_its_last_cell_shows(chain: Path) -> None:
    """Its headline is the run's last, with the copy of the journal: the writer was killed a moment later."""
    notebook = json.loads((chain / "apply.ipynb").read_bytes())
    last = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][-1]
    last["outputs"] = []
    last["metadata"]["papermill"]["status"] = "failed"
    save(chain / "apply.ipynb", notebook)
    (one,) = judge(journal_of(chain, "apply"))
    assert codes(one) == {"notebook-unfinished", "previous-elsewhere"}


def test_parameters_that_are_left_open_or_spelled_as_dns_does_not(tmp_path: Path) -> None:
    """What is given as open is in force from elsewhere, and a domain is written down as DNS has it."""
    given = ("-p", "target", "sandbox", "-r", "selector", NEXT, "-r", "domain", "例え.JP.", "-p", "wait_minutes", "-1")
    assert run(tmp_path / "of.2026.ipynb", *given, "-p", "endpoint_url", "") == 0
    (one,) = judge(tmp_path)
    assert (one.verdict, codes(one)) == ("verified", set())
