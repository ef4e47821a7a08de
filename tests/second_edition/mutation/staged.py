"""The copy of the package and its tests that mutants are made in, by mutmut."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Area:
    """A part of the package whose mutants are tried by themselves.

    Attributes:
        modules: globs below the package.
        tests: what may notice: those that come by a line are run for its mutants.
        left_out: of these, what is too slow, or tests with copies of its own.
        stays: what tests share outlives a mutant. Not so where it is a process that runs mutants.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    stays: bool = True


AREAS: Final[Mapping[str, Area]] = {
    "core": Area(
        ("dkim/**/*.py", "rotation/**/*.py"),
        (
            "tests/second_edition/dkim", "tests/second_edition/rotation", "tests/second_edition/dns/test_matrix.py", "tests/second_edition/dns/test_activation.py",
            "tests/second_edition/aws/test_private_keys_seen.py", "tests/second_edition/intent/test_campaign.py",
            *(f"tests/second_edition/display/test_{one}.py" for one in ("fleet", "rotate")),
            "tests/second_edition/engine/test_inventory.py", "tests/second_edition/engine/test_lock_object.py",
            "tests/second_edition/fleet/test_schedule.py",
        ),
        (
            # Slow: three other programs over real DNS, a thousand random worlds.
            "tests/second_edition/dkim/test_judges.py",
            "tests/second_edition/dkim/test_key_record.py::test_character_strings_join_to_the_value",
            "tests/second_edition/rotation/test_safety.py",
            # It reads the modules' source, in which the copy has every mutant.
            "tests/second_edition/dkim/test_key_record.py::test_every_defect_has_a_shape_and_two_sentences_in_each_language",
            # said.txt tells in one test what this asks of each row.
            "tests/second_edition/rotation/test_said.py::test_a_check_comes_to_its_verdict_and_says_it_in_every_language",
            "tests/second_edition/rotation/test_said.py::test_only_a_waivable_check_is_waived_and_only_where_it_has_not_passed",
        ),
    ),
    # Without bootstrap.py and custodian.py: a process begins with them, before it can load a mutant.
    "custody": Area(
        ("custody/[!_bc]*.py", "custody/client.py"),
        (
            *(f"tests/second_edition/custody/test_{one}.py" for one in (
                "bounds", "custodian", "erasing", "mailbox", "one_attempt", "private_key", "process",
                "read_only", "rehearsal", "storing", "windows", "zone",
            )),
            "tests/second_edition/aws/test_private_keys_seen.py",
            *(f"tests/second_edition/engine/test_{one}.py" for one in ("archiving", "inventory", "lock_object")),
            "tests/second_edition/evidence/test_sealing_key.py",
            "tests/second_edition/fleet/test_reader.py",
        ),
        stays=False,
    ),
    "verify": Area(
        ("evidence/verification*.py", *(f"evidence/{one}.py" for one in ("dsse", "heads", "journal", "seal"))),
        (
            *(f"tests/second_edition/verification/test_{one}.py" for one in (
                "chain", "command", "files", "forgeries", "hiding", "honest", "lines", "messages", "notebook",
                "oddities", "policy", "runs", "sound", "witnesses",
            )),
            "tests/second_edition/golden/test_golden.py",
            *(f"tests/second_edition/engine/test_{one}.py" for one in ("approving", "archiving", "heads", "told_again")),
            *(f"tests/second_edition/evidence/test_{one}.py" for one in (
                "ages", "approval", "archive", "canonical", "clocks", "code_cells", "dsse", "fleet_approval", "folders",
                "full_disk", "history", "journal", "past", "previous", "record", "rehearsals", "rollback_write",
                "run_id", "seal", "sealing_key", "served", "timestamp",
            )),
        ),
        # It follows functions line by line, and in the copy others stand in their places.
        ("tests/second_edition/evidence/test_journal.py::test_an_interrupt_at_any_line_leaves_the_whole_event_or_none",),
    ),
    "engine": Area(
        (
            *(f"engine/{one}.py" for one in ("write_ahead", "store_writes", "polling")),
            *(f"procedures/{one}.py" for one in ("rotate/ses_writes", "prepare/store_writes", "retire/store_writes")),
        ),
        (
            *(f"tests/second_edition/engine/test_{one}.py" for one in (
                "dns_refusals", "given_up", "identity_gone", "landing", "moving_world", "not_rolled_back",
                "not_stored", "overruled", "prepare_refusals", "publish_refusals", "publishing", "refusals",
                "retire_refusals", "rewrite", "signing_off", "steps", "store_writes", "write_ahead",
            )),
            "tests/second_edition/dns/test_awaiting.py",
            "tests/second_edition/evidence/test_rollback_write.py",
        ),
    ),
}  # fmt: skip

# What stands in the copy besides, so that a run which kills everything, or nothing, is found out: one function
# whose every mutant a test notices, and one that is called and never looked at.
PLANTED: Final = "planted"
_FUNCTIONS: Final = """\
def seen(number: int) -> int:
    return number * 2 + 1


def unseen(number: int) -> int:
    return number * 2 + 1
"""
_TEST: Final = """\
from second_edition import planted


def test_seen():
    assert planted.seen(5) == 11


def test_unseen():
    planted.unseen(5)
"""


# In the copy a custodian notes which lines it comes by, where it is asked to.
_NOTING: Final = """
from second_edition import lines

lines.note_in_file()
"""


def lay_out(folder: Path) -> None:
    """Copy the tree into an empty folder, the package at its top: a working folder comes before what is installed."""
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "lib" / "second_edition", folder / "byodkim", ignore=leave)
    for name in ("tests", "notebooks", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for path in (*ROOT.glob("*.md"), *ROOT.glob("*.toml")):
        shutil.copy(path, folder)
    (folder / "byodkim" / "planted.py").write_text(_FUNCTIONS)
    (folder / "tests" / "test_planted.py").write_text(_TEST)
    shutil.copy(ROOT / "tests" / "mutation" / "lines.py", folder / "byodkim")
    with (folder / "byodkim" / "custody" / "__init__.py").open("a") as file:
        file.write(_NOTING)


def modules(folder: Path, area: str) -> Iterator[tuple[str, Path]]:
    """Each module of an area in a copy, and the planted one: its dotted name below the package, and its file."""
    package = folder / "byodkim"
    for path in sorted({path for part in (*AREAS[area].modules, f"{PLANTED}.py") for path in package.glob(part)}):
        yield ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__"), path


def mutate(folder: Path, area: str) -> None:
    """Put every mutant of every function of an area beside it; which one is called is chosen when it is called."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    for _, path in modules(folder, area):
        source = undecorated(path.read_text("utf-8"))
        path.write_text(mutate_file_contents(str(path), source).code, "utf-8")


def undecorated(source: str) -> str:
    """The same module with each decorator called below its function: mutmut passes over functions that have one."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda node: -node.lineno):
        names = [ast.unparse(decorator) for decorator in node.decorator_list]
        if not names or names in (["classmethod"], ["staticmethod"]):  # which mutmut knows
            continue
        bound = node.name
        for name in reversed(names):
            bound = f"{name}({bound})"
        lines.insert(node.end_lineno or 0, " " * node.col_offset + f"{node.name} = {bound}")
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"
