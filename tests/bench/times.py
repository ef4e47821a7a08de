"""How long runs take beside the run sheet's commands: in turn, in one sandbox."""

import os
from pathlib import Path

from byodkim.sandbox.world import reset_standing
from tests.bench.figures import Figure, Times, at_most
from tests.bench.project import Project, demo, run_sheet

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def figures(folder: Path, pairs: int, runs: int) -> list[Figure]:
    """Return times and their ratios.

    Args:
        folder: where the projects are made.
        pairs: rounds of run sheet, papermill and ``byodkim rotate``, one after another.
        runs: apply runs, and demos.
    """
    project = Project(folder / "standing")
    sheet, plain, command, applied = list[float](), list[float](), list[float](), list[float]()
    with project.standing() as world:
        for _number in range(pairs):
            sheet.append(project.time(*run_sheet(world), **CREDENTIALS))
            plain.append(project.time(project.papermill("plan")))
            command.append(project.time(project.rotate("plan")))
        for _number in range(runs):
            reset_standing()
            applied.append(project.time(project.rotate("apply")))
    demos = Times([Project(folder / f"demo-{number}").time(demo()) for number in range(runs)])
    a, b, c = Times(sheet), Times(plain), Times(command)
    return [
        Figure("(a) Six AWS CLI commands of the run sheet", str(a)),
        Figure("(b) Plain papermill, plan run", str(b)),
        Figure("(c) byodkim rotate, plan run", str(c)),
        at_most("(b) / (a), medians", b.median / a.median, 0.60, "{:.2f}"),
        at_most("(b), p90 / median", b.p90 / b.median, 1.30, "{:.2f}"),
        at_most("(c) / (b), medians", c.median / b.median, 1.10, "{:.2f}"),
        Figure("byodkim rotate, apply run", str(Times(applied))),
        Figure("make demo when set up", str(demos)),
        at_most("make demo when set up, slowest", max(demos.values), 8.0, "{:.1f} s"),
    ]
