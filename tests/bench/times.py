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
        Figure("(a) Six AWS CLI commands of the run sheet", "(a) AWS CLI 6 コマンド", str(a)),
        Figure("(b) Plain papermill, plan run", "(b) papermill のみ（plan）", str(b)),
        Figure("(c) byodkim rotate, plan run", "(c) byodkim rotate（plan）", str(c)),
        at_most("(b) / (a), medians", "(b) / (a)、中央値の比", b.median / a.median, 0.60, "{:.2f}"),
        at_most("(b), p90 / median", "(b) の p90 / 中央値", b.p90 / b.median, 1.30, "{:.2f}"),
        at_most("(c) / (b), medians", "(c) / (b)、中央値の比", c.median / b.median, 1.10, "{:.2f}"),
        Figure("byodkim rotate, apply run", "byodkim rotate（apply）", str(Times(applied))),
        Figure("make demo when set up", "make demo（準備済み）", str(demos)),
        at_most(
            "make demo when set up, slowest",
            "make demo（準備済み）の最大",
            max(demos.values),
            8.0,
            "{:.1f} s",
        ),
    ]
