"""A project folder with a few identities of its own and a table of them."""

import itertools
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from byodkim.record.events import RowEnded, RowPlanned
from byodkim.sandbox.world import World
from tests.rotate.project import BIN, ROOT, Change, Project, Result
from tests.sandbox.tools import NEW, PUT

NOTEBOOK = ROOT / "notebooks" / "fleet.ipynb"
_numbers = itertools.count(1)


class Fleet(Project):
    """``domains``: the identities of the table, in its order, each with a secret of its own."""

    def __init__(self, folder: Path, world: World, state: Path, count: int = 0) -> None:
        super().__init__(folder, world, state)
        self.domains = [] if count else list(world.domains)
        self.secret_id = "byodkim/{domain}" if count else world.secret_id
        self.grow(count)
        self.change("forget")

    def grow(self, count: int) -> None:
        """Add identities, and write the table anew."""
        for _number in range(count):
            self.domains.append(f"f{next(_numbers)}.example.jp")
            self.change("identity", domain=self.domains[-1], add=True)
        self.table([f"{domain},{NEW}" for domain in self.domains])

    def table(self, rows: Sequence[str], head: str = "domain,selector", name: str = "f") -> None:
        (self.folder / f"{name}.csv").write_text("\n".join([head, *rows, ""]))

    def of(self, number: int) -> Project:
        """Return a project for the identity in a place of the table, for changes of the world."""
        one = Project.__new__(Project)
        vars(one).update(vars(self))
        one.domain = self.domains[number]
        one.world = replace(self.world, secret_id=f"byodkim/{one.domain}")
        return one

    @property
    def parameters(self) -> dict[str, str]:
        """Return the parameters of an apply run."""
        return {
            "table": "f.csv",
            "target": self.target,
            "mode": "apply",
            "wait_minutes": "1",
            "pause_minutes": "0",
            "secret_id": self.secret_id,
        }

    def plan(self, name: str = "plan", **given: str) -> Result:
        return self.run(name, None, procedure="fleet", **{"mode": "plan"} | given)

    def apply(
        self, name: str = "apply", before: Mapping[str, Change] | None = None, /, **given: str
    ) -> Result:
        return self.run(name, before, procedure="fleet", **given)

    def command(self, name: str, **given: str) -> subprocess.Popen[str]:
        """Start ``byodkim fleet``."""
        output = f"outputs/{name}.ipynb"
        return self.popen(BIN / "byodkim", "fleet", "-o", output, *self.words(**given))

    @property
    def writes(self) -> list[int]:
        """Return how many attempts to set a key reached SES, for each identity of the table."""
        asked = [each["identity"] for each in self.calls(PUT)]
        return [asked.count(domain) for domain in self.domains]

    @property
    def selectors(self) -> list[str]:
        """Return what SES signs with, for each identity of the table; "" where it is gone."""
        rows = {row["IdentityName"]: row for row in self.change("status")}
        gone = {"Tokens": [""]}
        return [",".join(rows.get(domain, gone)["Tokens"]) for domain in self.domains]

    def require_verified(self) -> None:
        report = self.verified()
        assert report.verified, [report.problems, [(run.name, run.why) for run in report.runs]]


def planned(result: Result) -> list[RowPlanned]:
    return [each for each in result.events if isinstance(each, RowPlanned)]


def ended(result: Result) -> dict[int, RowEnded]:
    """Return how each row ended, by its line."""
    return {each.line: each for each in result.events if isinstance(each, RowEnded)}


def outcomes(result: Result) -> dict[int, str]:
    return {line: each.outcome for line, each in ended(result).items()}
