"""What the mutation run names exists: its modules, its tests, and the functions of equivalent mutants."""

from __future__ import annotations

from tests.second_edition.each import each
from tests.second_edition.mutation.mutants import EQUIVALENT, SURVIVORS, Mutant, judged
from tests.second_edition.mutation.session import KILLED, SURVIVED
from tests.second_edition.mutation.staged import AREAS, PLANTED, ROOT


@each("area", AREAS)
def test_every_module_and_every_test_that_is_chosen_or_left_out_exists(area: str) -> None:
    chosen = AREAS[area]
    for part in chosen.modules:
        assert list((ROOT / "lib" / "second_edition").glob(part)), part
    for one in chosen.tests:
        assert (ROOT / one).exists(), one
    for left_out in chosen.left_out:
        path, _, name = left_out.partition("::")
        assert path.startswith(chosen.tests)
        assert f"def {name}" in (ROOT / path).read_text("utf-8"), left_out


def test_every_function_of_an_equivalent_mutant_exists() -> None:
    for name in {line.partition(":")[0] for line in (*EQUIVALENT, *SURVIVORS)}:
        parts = name.split(".")
        files = [(ROOT / "lib/second_edition" / "/".join(parts[:count])).with_suffix(".py") for count in range(1, len(parts))]
        assert any(f"def {parts[-1]}(" in file.read_text("utf-8") for file in files if file.exists()), name


def test_a_listed_survivor_is_counted_out_and_one_that_is_killed_or_gone_is_told() -> None:
    found = [Mutant("dkim.a.f", str(one), "", KILLED if one < 18 else SURVIVED) for one in range(20)]
    found += [Mutant(f"{PLANTED}.seen", "", "", KILLED), Mutant(f"{PLANTED}.unseen", "", "", SURVIVED)]
    assert judged(found, [], [])[1] == ["fewer than 95% were killed"]
    listed = ["dkim.a.f: 0 -> ", "dkim.a.f: 19 -> ", "dkim.a.f: gone -> ", "dkim.untried: 1 -> "]
    assert "survives" not in judged(found, listed, ["dkim.a.f: 18 -> "])[0]
    figures, wrong = judged(found, listed, [])
    assert (figures.splitlines(), wrong) == (
        [
            "listed, and is killed or no mutant: dkim.a.f: 0 -> ",
            "listed, and is killed or no mutant: dkim.a.f: gone -> ",
            "survives: dkim.a.f: 18 -> ",
            "20 mutants, 20 tried, 1 of them equivalent, 18 killed (94.7%)",
        ],
        ["fewer than 95% were killed"],
    )
