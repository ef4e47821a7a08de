"""One archive of runs and one browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.display.archive import Archive, shared_archive
from tests.display.browser import Browser


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return shared_archive(tmp_path_factory)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
