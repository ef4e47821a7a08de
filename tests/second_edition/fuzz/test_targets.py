"""A short run of what is fuzzed, the same on every machine (``make fuzz`` searches on): seeds, and damaged seeds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.second_edition.each import each
from tests.second_edition.fuzz.targets import TARGETS, WORDS, seeds

SEEDS = {target: list(seeds(target)) for target in TARGETS}


@each("target", TARGETS)
def test_what_the_fuzzer_starts_from_holds(target: str) -> None:
    for seed in SEEDS[target]:
        TARGETS[target](seed)


@st.composite
def damaged(draw: st.DrawFn, target: str) -> bytes:
    """A seed with a few pieces lost, doubled, or put in: words of the format, or any bytes."""
    data = draw(st.sampled_from(SEEDS[target]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        word = draw(st.one_of(st.sampled_from(WORDS).map(str.encode), st.binary(max_size=3)))
        data = data[:start] + word + draw(st.sampled_from([b"", data[start:end] * 2])) + data[end:]
    return data


@each("target", TARGETS)
def test_damaged_seeds_hold(target: str) -> None:
    @given(damaged(target))
    @settings(max_examples=50, deadline=None, derandomize=True)
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()
