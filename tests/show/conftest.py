"""Some tests read what a Japanese operator reads."""

from collections.abc import Iterator

import pytest

from byodkim.words import speak


@pytest.fixture
def japanese() -> Iterator[None]:
    speak("ja")
    yield
    speak("en")
