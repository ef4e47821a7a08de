"""Names of selectors: dates and numbers compared as such, and a name that comes after every known one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from second_edition.rotation.naming import Named, Pattern, name
from tests.second_edition.each import each

PATTERN = Pattern("mail-{date}-{number}")
TODAY = "20261124"


@each(
    "text",
    ["mail", "mail-{date}", "mail-{number}", "{date}{date}{number}", "{date}-{number}-{other}", "{date}{number}}"],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no pattern"):
        Pattern(text)


@each("text", ["{date}{number}", "MX{number}-{date}", PATTERN.text])
def test_a_pattern_gives_names_that_it_knows_again(text: str) -> None:
    pattern = Pattern(text)
    assert pattern.place(pattern.name(TODAY, 30)) == (TODAY, 30)


@each(
    ("selector", "place"),
    [
        ("mail-20261124-1", ("20261124", 1)),
        ("mail-20261124-10", ("20261124", 10)),
        ("mail-20261124-01", None),
        ("mail-20261124-0", None),
        ("mail-20261124-1x", None),
        ("mail-2026112-1", None),
        ("Mail-20261124-1", None),
        ("mail-２０２６１１２４-1", None),
    ],
)
def test_the_place_of_a_name(selector: str, place: tuple[str, int] | None) -> None:
    assert PATTERN.place(selector) == place


def test_ten_comes_after_two() -> None:
    stored = {"mail-20261124-10", "mail-20261124-2"}
    found = name(PATTERN, TODAY, "mail-20261124-1", stored, ())
    assert found == Named(
        "mail-20261124-2", "standing", PATTERN.text, ("mail-20261124-1", "mail-20261124-2", "mail-20261124-10")
    )
    assert name(PATTERN, TODAY, "mail-20261124-10", stored, ()).selector == "mail-20261124-11"


@each(
    ("current", "stored", "used", "selector", "how"),
    [
        ("mail-20260912-1", ["mail-20260912-1"], [], "mail-20261124-1", "new"),
        ("mail-20261124-1", ["mail-20261124-1"], [], "mail-20261124-2", "new"),
        ("mail-20270101-3", [], [], "mail-20270101-4", "new"),  # a date of the future: the new one still comes after it
        ("mail-20260912-1", ["mail-20260912-2", "mail-20261001-1"], [], "mail-20260912-2", "standing"),
        ("mail-20260912-2", ["mail-20260912-1", "mail-20260912-3"], [], "mail-20260912-3", "standing"),
        # One that SES was given before is not the next one, and a new one comes after it.
        ("mail-20260912-1", ["mail-20261124-1"], ["mail-20261124-1"], "mail-20261124-2", "new"),
        ("other", ["mail-20260912-1"], [], "mail-20260912-1", "standing"),
        ("other", ["another"], [], "mail-20261124-1", "new"),
        ("", ["mail-20260912-1"], [], "", "unknown"),
    ],
)
def test_the_next_one(current: str, stored: list[str], used: list[str], selector: str, how: str) -> None:
    found = name(PATTERN, TODAY, current, stored, used)
    assert (found.selector, found.how, found.pattern) == (selector, how, PATTERN.text)
    assert set(found.known) == {one for one in (*stored, *used, current) if PATTERN.place(one)}


dates = st.sampled_from(["20251231", "20260912", "20261123", "20261124", "20261125", "20270101"])
places = st.tuples(dates, st.integers(1, 120))


@given(st.sets(places, max_size=8), st.sets(places, max_size=4), places)
def test_a_new_name_comes_after_every_known_one_and_a_standing_one_after_the_current(
    stored: set[tuple[str, int]], used: set[tuple[str, int]], current: tuple[str, int]
) -> None:
    spelled = [[PATTERN.name(*place) for place in some] for some in (stored, used)]
    found = name(PATTERN, TODAY, PATTERN.name(*current), spelled[0], spelled[1])
    place = PATTERN.place(found.selector)
    assert place is not None
    assert place > current
    following = sorted(one for one in stored if one > current and one not in used)
    if following:
        assert (found.how, place) == ("standing", following[0])
    else:
        assert found.how == "new"
        assert all(place > one for one in {*stored, *used})
