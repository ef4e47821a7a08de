"""An inventory's file: gone on with where it can be, and never where it should not."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from second_edition.evidence import archive, inventory_file
from second_edition.evidence.inventory_file import InventoryFile
from second_edition.rotation.inventory import Row

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PLACE = "123456789012 ap-northeast-1"
NAMES = [f"d{number}.example.jp" for number in range(5)]
FACTS = {"signing_enabled": True, "status": "SUCCESS", "selectors": ["mail-1"]}


def begun(folder: Path, place: str = PLACE, at: datetime = NOW, *, anew: bool = False) -> InventoryFile:
    return inventory_file.begin(folder, place, "123456789012-ap-northeast-1", at, anew=anew)


def page(file: InventoryFile, names: list[str], following: str) -> None:
    file.page([{"name": name, "kind": "DOMAIN"} for name in names], following)


@pytest.fixture
def half(tmp_path: Path) -> InventoryFile:
    """Two pages, the second with an address; SES has told of three, one of which is gone, and one has a row."""
    file = begun(tmp_path / "outputs")
    page(file, NAMES[:3], "token")
    file.page([{"name": name, "kind": "DOMAIN"} for name in NAMES[3:]] + [{"name": "a@x", "kind": "EMAIL_ADDRESS"}], "")
    file.batch({NAMES[0]: FACTS, NAMES[1]: FACTS, NAMES[2]: None})
    file.row(Row(NAMES[0], "mail-1", "SUCCESS"))
    return file


def test_what_was_learned_is_known_again(half: InventoryFile) -> None:
    half.close()
    found = begun(half.path.parent, at=NOW + timedelta(hours=23))
    assert (found.path, found.resumed, found.begun) == (half.path, True, NOW)
    assert (list(found.names), found.addresses, found.following) == (NAMES, 1, None)
    assert found.answers == {NAMES[1]: FACTS, NAMES[2]: None}
    assert found.done == {NAMES[0]}
    found.row(Row(NAMES[1]))
    found.close()
    assert [row.name for row in inventory_file.rows(found.path)] == NAMES[:2]


def test_what_is_no_file_of_its_own_is_neither_waited_for_nor_gone_on_with(half: InventoryFile, tmp_path: Path) -> None:
    half.close()
    elsewhere = half.path.rename(tmp_path / half.path.name)
    (link := half.path.with_name(f"9-link{inventory_file.SUFFIX}")).symlink_to(elsewhere)
    os.mkfifo(pipe := half.path.with_name(f"9-pipe{inventory_file.SUFFIX}"))
    found = begun(half.path.parent)
    assert (found.resumed, found.path in (link, pipe)) == (False, False)
    found.close()
    with pytest.raises(OSError, match="no regular file"):
        list(inventory_file.lines(pipe))


@pytest.mark.parametrize("torn", [b'{"kind": "row", "row": {"na', b"\xff\xfe\n", b"[1]\n", b'{"kind": "end"'])
def test_half_a_line_is_cut_off(half: InventoryFile, torn: bytes) -> None:
    half.close()
    whole = half.path.read_bytes()
    half.path.write_bytes(whole + torn)
    found = begun(half.path.parent)
    assert found.resumed
    assert half.path.read_bytes() == whole
    found.row(Row(NAMES[1]))
    assert [row.name for row in inventory_file.rows(found.path)] == NAMES[:2]


def test_every_length_that_a_kill_may_leave_can_be_gone_on_with(half: InventoryFile) -> None:
    half.close()
    whole = half.path.read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(first, len(whole)):
        half.path.write_bytes(whole[:length])
        found = begun(half.path.parent)
        assert (found.path, found.resumed) == (half.path, True)
        assert found.done <= {NAMES[0]}
        found.close()


def test_another_place_an_old_one_a_finished_one_and_a_held_one_are_not_gone_on_with(half: InventoryFile) -> None:
    folder = half.path.parent
    assert not begun(folder).resumed  # ``half`` is being taken
    half.close()
    assert not begun(folder, place="111122223333 ap-northeast-1").resumed
    assert not begun(folder, at=NOW + timedelta(hours=25)).resumed
    assert not begun(folder, at=NOW - timedelta(hours=1)).resumed  # the clock was wrong then, or is now
    assert not begun(folder, anew=True).resumed


def test_a_finished_one_stays_as_it_is(half: InventoryFile) -> None:
    half.end(NOW)
    before = half.path.read_bytes()
    assert json.loads(before.splitlines()[-1]) == {"kind": "end", "at": NOW.isoformat(), "rows": 1}
    other = begun(half.path.parent)
    assert (other.resumed, other.path != half.path) == (False, True)
    assert half.path.read_bytes() == before


def test_names_are_taken_once_and_pages_listed_anew_add_none_twice(half: InventoryFile) -> None:
    half.again()
    page(half, NAMES, "")
    half.close()
    found = begun(half.path.parent)
    assert (list(found.names), found.addresses, found.following) == (NAMES, 0, None)


def test_foreign_files_are_let_be(tmp_path: Path) -> None:
    (tmp_path / f"20261124T000000Z-x{inventory_file.SUFFIX}").write_text("not ours\n")
    (tmp_path / f"20261124T000001Z-x{inventory_file.SUFFIX}").write_text('{"kind": "begin", "format": 99}\n')
    (tmp_path / f"20261124T000002Z-x{inventory_file.SUFFIX}").symlink_to(tmp_path / "nowhere")
    before = sorted(path.name for path in tmp_path.iterdir())
    made = begun(tmp_path)
    assert not made.resumed
    assert sorted(path.name for path in tmp_path.iterdir() if path != made.path) == before


def test_an_inventory_is_no_run_of_the_archive(half: InventoryFile) -> None:
    assert list(archive.runs(half.path.parent)) == []
