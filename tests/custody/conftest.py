"""A fake AWS with a key object, and processes without a client."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from byodkim.custody.settings import GetKey, KeyPlace
from tests.aws.fake_aws import FakeAws
from tests.aws.keys import pem
from tests.custody.child import Child

GET_KEY = GetKey(KeyPlace("keys", "dkim/key.pem"))
Starter = Callable[..., Child]


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    fake = FakeAws()
    fake.objects["/keys/dkim/key.pem"] = pem()
    yield fake
    fake.close()


@pytest.fixture
def start_child(aws: FakeAws, tmp_path: Path) -> Iterator[Starter]:
    """A function that starts a custodian's process, with options and environment."""
    children: list[Child] = []

    def start(*options: str, **environment: str) -> Child:
        children.append(Child(aws.settings(), tmp_path, *options, **environment))
        return children[-1]

    yield start
    for child in children:
        child.process.kill()
        child.process.communicate()
