"""One fake AWS and one custodian for the tests of a module."""

from collections.abc import Iterator

import pytest

from byodkim.custody.client import Custodian
from byodkim.custody.settings import KeyPlace
from tests.aws.fake_aws import FakeAws
from tests.aws.keys import pem

PLACE = KeyPlace("keys", "dkim/key.pem")


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[FakeAws, Custodian]]:
    fake = FakeAws()
    with Custodian(fake.settings(), writes=True) as custodian:
        yield fake, custodian
    fake.close()


@pytest.fixture
def aws(shared: tuple[FakeAws, Custodian]) -> Iterator[FakeAws]:
    """AWS with one key object, at PLACE."""
    fake, custodian = shared
    fake.objects["/keys/dkim/key.pem"] = pem()
    yield fake
    custodian.drain_calls()
    fake.forget()


@pytest.fixture
def custodian(shared: tuple[FakeAws, Custodian]) -> Custodian:
    return shared[1]
