from pathlib import Path

import pytest

from tests.record.archives import Archive, copied, make_sample


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive that is only read."""
    return make_sample(tmp_path_factory.mktemp("original"))


@pytest.fixture
def sample(original: Archive, tmp_path: Path) -> Archive:
    """A copy that a test may change."""
    return copied(original, tmp_path / "outputs")


@pytest.fixture
def empty(tmp_path: Path) -> Archive:
    """An archive without runs."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return Archive(folder)
