"""A secret forgets one selector: only while its versions are those that were looked at, and nothing else of it goes."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from byodkim.custody.client import Custodian, Refused
from byodkim.sandbox.client import Sandbox
from tests.notebooks.fragments import Fragments

OLD, NOW = "mail-20260912-1", "mail-20261124-1"


class Secret:
    """The sandbox's secret, seen and changed around the custodian."""

    def __init__(self, sandbox: Sandbox, client: Any) -> None:
        self.name, self.client = sandbox.facts.secret_id, client

    def text(self, label: str) -> Any:
        return json.loads(self.client.get_secret_value(SecretId=self.name, VersionStage=label)["SecretString"])

    def labels(self) -> dict[str, str]:
        """Return which version has which label."""
        found = self.client.describe_secret(SecretId=self.name)["VersionIdsToStages"]
        return {label: version for version, labels in found.items() for label in labels}

    def put(self, data: Any, *labels: str) -> str:
        text, labelled = json.dumps(data), list(labels) or ["AWSCURRENT"]
        answer = self.client.put_secret_value(
            SecretId=self.name, SecretString=text, VersionStages=labelled, ClientRequestToken=str(uuid.uuid4())
        )
        return str(answer["VersionId"])


@pytest.fixture
def secret(sandbox: Sandbox, aws: dict[str, Any]) -> Secret:
    """In force it names both selectors, before that the old one alone."""
    found = Secret(sandbox, aws["secretsmanager"])
    found.put({**found.text("AWSCURRENT"), "previous": [found.text("AWSPREVIOUS")], "note": "private: kept as it is"})
    return found


def clear(custodian: Custodian, secret: Secret, selector: str = OLD, base: str = "", version: str = "") -> Any:
    asked = {"base": base or secret.labels()["AWSCURRENT"], "version": version or str(uuid.uuid4())}
    return custodian.ask("clear", secret_id=secret.name, selector=selector, **asked).result()


def unlabel(custodian: Custodian, secret: Secret, version: str, selector: str = OLD) -> Any:
    return custodian.ask("unlabel", secret_id=secret.name, selector=selector, version=version).result()


def code(came: Any) -> tuple[str, bool]:
    return came["error"]["code"], came["error"]["unclear"]


def test_the_version_in_force_gets_a_successor_without_the_entry(custodian: Custodian, secret: Secret) -> None:
    base, version = secret.labels()["AWSCURRENT"], str(uuid.uuid4())
    assert custodian.ask("clearable", secret_id=secret.name, selector=OLD).result() == ""
    assert clear(custodian, secret, version=version)["answer"]["status"] == 200
    assert (secret.labels()["AWSCURRENT"], secret.labels()["AWSPENDING"]) == (base, version)
    before = secret.text("AWSCURRENT")
    assert secret.text("AWSPENDING") == {name: before[name] for name in before if name != "previous"}
    assert "private: kept" not in json.dumps(custodian.drain())


def test_put_in_force_the_one_before_loses_its_label(custodian: Custodian, secret: Secret) -> None:
    base, version = secret.labels()["AWSCURRENT"], str(uuid.uuid4())
    clear(custodian, secret, version=version)
    for duty, more in (("promote", {"base": base}), ("release", {})):
        assert "answer" in custodian.ask(duty, secret_id=secret.name, version=version, **more).result()
    assert secret.labels() == {"AWSCURRENT": version, "AWSPREVIOUS": base}
    assert unlabel(custodian, secret, base)["answer"]["status"] == 200
    assert secret.labels() == {"AWSCURRENT": version}
    left = secret.client.get_secret_value(SecretId=secret.name, VersionId=base)  # deprecated, and had by its id
    assert OLD in left["SecretString"]


def test_of_two_attempts_the_second_changes_nothing(custodian: Custodian, secret: Secret) -> None:
    version = str(uuid.uuid4())
    first, second = (clear(custodian, secret, version=version) for _ in range(2))
    assert "answer" in first
    assert "answer" in second
    assert secret.labels()["AWSPENDING"] == version


@pytest.mark.parametrize(
    ("selector", "said"), [(NOW, "Secret own"), ("spring-7", "Secret absent")], ids=["its own", "another"]
)
def test_what_the_secret_is_about_is_not_touched(
    custodian: Custodian, secret: Secret, selector: str, said: str
) -> None:
    before = secret.labels()
    assert custodian.ask("clearable", secret_id=secret.name, selector=selector).result() == said.partition(" ")[2]
    assert code(clear(custodian, secret, selector)) == (said, False)
    assert secret.labels() == before


def test_a_version_that_was_not_looked_at_is_not_touched(custodian: Custodian, secret: Secret) -> None:
    shown = secret.labels()
    secret.put({**secret.text("AWSCURRENT"), "note": "somebody was here"})
    before = secret.labels()
    changed = {"code": "VersionChanged", "message": "", "status": 0, "request_id": "", "unclear": False}
    assert clear(custodian, secret, base=shown["AWSCURRENT"]) == {"error": changed}
    assert code(unlabel(custodian, secret, shown["AWSPREVIOUS"])) == ("VersionChanged", False)
    assert code(unlabel(custodian, secret, before["AWSCURRENT"])) == ("VersionChanged", False)
    assert secret.labels() == before


def test_a_rotation_that_began_meanwhile_keeps_its_label(custodian: Custodian, secret: Secret) -> None:
    pending = secret.put({"selector": "mail-20261130-1"}, "AWSPENDING")
    assert code(clear(custodian, secret)) == ("RotationUnderWay", False)
    assert secret.labels()["AWSPENDING"] == pending


@pytest.mark.parametrize("other", ["spring-7", NOW], ids=["not in force", "in force otherwise"])
def test_an_entry_that_only_the_version_before_has_is_not_lost(
    custodian: Custodian, secret: Secret, other: str
) -> None:
    current, old = secret.text("AWSCURRENT"), secret.text("AWSCURRENT")["previous"][0]
    secret.put([old, {"selector": other, "dns_record": {"value": "v=DKIM1; p="}, "s3_key_path": "k"}])
    secret.put(current)
    before = secret.labels()
    assert code(clear(custodian, secret)) == ("EntryOnlyThere", False)
    assert code(unlabel(custodian, secret, before["AWSPREVIOUS"])) == ("EntryOnlyThere", False)
    assert secret.labels() == before


def test_a_label_of_a_version_that_does_not_name_it_stays(custodian: Custodian, secret: Secret) -> None:
    current = secret.text("AWSCURRENT")
    secret.put({name: current[name] for name in current if name != "previous"})
    secret.put({**secret.text("AWSCURRENT"), "note": "later"})
    assert code(unlabel(custodian, secret, secret.labels()["AWSPREVIOUS"])) == ("VersionChanged", False)


def test_a_private_key_in_the_secret_is_neither_told_nor_lost(
    custodian: Custodian, secret: Secret, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    """Some estates keep it there: another selector's stays, that of the retired one goes with its entry."""

    def key_of(selector: str) -> str:
        path = f"dkim-keys/example.jp/{selector}/private_key.pem"
        with aws["s3"].get_object(Bucket=sandbox.facts.key_bucket, Key=path)["Body"] as body:
            return str(body.read().decode())

    now, old, current = key_of(NOW), key_of(OLD), secret.text("AWSCURRENT")
    secret.put({**current, "private_key": now, "previous": [{**current["previous"][0], "private_key": old}]})
    secret.put({**secret.text("AWSCURRENT"), "n": 1})
    told = [custodian.ask("clearable", secret_id=secret.name, selector=OLD).result(), clear(custodian, secret)]
    told += [custodian.ask("secret", secret_id=secret.name).result(), custodian.drain()]
    assert [Fragments(one.encode()).found_in(json.dumps(told).encode()) for one in (now, old)] == [False, False]
    pending = secret.text("AWSPENDING")
    assert (pending["private_key"], old[60:120] in json.dumps(pending)) == (now, False)


def test_of_two_domains_with_one_selector_one_forgets_it(custodian: Custodian, secret: Secret) -> None:
    entry = {"dns_record.value": "v=DKIM1; p=", "s3_key_path": "k"}
    ours, theirs = {"example.jp": [{**entry, "selector": NOW}]}, {"example.com": {**entry, "selector": OLD}}
    secret.put({**ours, **theirs})
    shared = {"example.jp": [{**entry, "selector": OLD}, {**entry, "selector": NOW}], **theirs}
    secret.put(shared)
    told = custodian.ask("secret", secret_id=secret.name, domain="example.jp").result()[0]
    assert [one["selector"] for one in told["entries"]] == [OLD, NOW]
    asked = {"secret_id": secret.name, "selector": OLD, "domain": "example.jp"}
    assert custodian.ask("clearable", **asked).result() == ""
    assert custodian.ask("clearable", secret_id=secret.name, selector=OLD).result() == ""  # of whoever names it
    base, version = secret.labels()["AWSCURRENT"], str(uuid.uuid4())
    assert "answer" in custodian.ask("clear", **asked, base=base, version=version).result()
    assert secret.text("AWSPENDING") == {**ours, **theirs}
    assert custodian.ask("clearable", **{**asked, "domain": "example.com"}).result() == "last"
    assert code(custodian.ask("unlabel", **asked, version=secret.labels()["AWSPREVIOUS"]).result())[0] == (
        "VersionChanged"
    )


def test_a_secret_that_cannot_be_read_is_not_written(custodian: Custodian) -> None:
    asked = {"secret_id": "no/such", "selector": OLD}
    with pytest.raises(Refused):
        custodian.ask("clearable", **asked).result()
    came = custodian.ask("clear", **asked, base="b", version=str(uuid.uuid4())).result()
    assert (*code(came), came["error"]["operation"]) == ("ResourceNotFoundException", False, "GetSecretValue")
    assert code(custodian.ask("unlabel", **asked, version="v").result()) == ("VersionChanged", False)
