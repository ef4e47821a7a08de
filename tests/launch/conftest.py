"""The same archive of runs as the tests of pages have."""

from __future__ import annotations

import pytest

from tests.display.archive import Archive, shared_archive


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return shared_archive(tmp_path_factory)
