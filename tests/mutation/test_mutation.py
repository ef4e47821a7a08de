"""What the mutation run names exists: its modules and its tests."""

from __future__ import annotations

from tests.each import each
from tests.mutation.staged import AREAS, ROOT


@each("area", AREAS)
def test_every_module_and_every_test_that_is_chosen_or_left_out_exists(area: str) -> None:
    chosen = AREAS[area]
    for part in chosen.modules:
        assert list((ROOT / "lib" / "byodkim").glob(part)), part
    for one in chosen.tests:
        assert (ROOT / one).exists(), one
    for left_out in chosen.left_out:
        path, _, name = left_out.partition("::")
        assert path.startswith(chosen.tests)
        assert f"def {name}" in (ROOT / path).read_text("utf-8"), left_out
