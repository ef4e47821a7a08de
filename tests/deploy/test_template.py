"""The CloudFormation template says what the table of permissions says."""

import itertools
import re
from typing import Any, get_args

import pytest
import yaml

from byodkim.policy import PERMISSIONS, Mode, policy
from tests.project.tracked import ROOT

TEMPLATE = ROOT / "deploy" / "cloudformation.yaml"
REQUIRED = {
    "Account": "123456789012",
    "Region": "ap-northeast-1",
    "Domain": "example.jp",
    "Secret": "byodkim/example.jp",
    "Bucket": "example-jp-dkim-keys",
}
OPTIONAL = {
    "StoreRegion": "us-west-2",
    "KmsKey": "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd",
    "HostedZoneId": "Z0123456789ABC",
    "TsigSecret": "tsig/example.jp",
    "RetireKey": "delete",
}
#: Parameters of the template, and arguments of ``policy``.
NAMES: dict[str, Any] = {
    "Account": "account",
    "Region": "region",
    "Domain": "domain",
    "Secret": "secret_id",
    "Bucket": "key_bucket",
    "StoreRegion": "store_region",
    "KmsKey": "kms_key",
    "HostedZoneId": "hosted_zone_id",
    "TsigSecret": "tsig_secret_id",
}
CHOICES = [
    dict(chosen)
    for size in range(len(OPTIONAL) + 1)
    for chosen in itertools.combinations(OPTIONAL.items(), size)
]


class Short:
    """A short form of CloudFormation, such as !Sub, as it was read."""

    def __init__(self, name: str, value: Any) -> None:
        self.name, self.value = name, value


class Loader(yaml.SafeLoader):  # type: ignore[misc] # yaml carries no types
    """Reads the short forms of CloudFormation."""


def _read_short(loader: Loader, name: str, node: yaml.Node) -> Short:
    if isinstance(node, yaml.SequenceNode):
        return Short(name, loader.construct_sequence(node, deep=True))
    return Short(name, loader.construct_scalar(node))


Loader.add_multi_constructor("!", _read_short)


def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text("utf-8"), Loader)
    return loaded


class Stack:
    """What CloudFormation makes of the template with these parameters."""

    def __init__(self, **parameters: str) -> None:
        self.template = template()
        declared = self.template["Parameters"].items()
        defaults = {name: each["Default"] for name, each in declared if "Default" in each}
        self.values: dict[str, str] = defaults | parameters | {"AWS::Partition": "aws"}
        assert set(self.values) - {"AWS::Partition"} == set(self.template["Parameters"])

    def policy(self, name: str) -> Any:
        return self.resolve(self.template["Resources"][name]["Properties"]["PolicyDocument"])

    def resolve(self, value: Any) -> Any:
        if isinstance(value, Short):
            return getattr(self, f"_{value.name.lower()}")(value.value)
        if isinstance(value, list):
            resolved = [self.resolve(each) for each in value]
            return [each for each in resolved if each is not None]
        if isinstance(value, dict):
            return {name: self.resolve(each) for name, each in value.items()}
        return value

    def _ref(self, name: str) -> str | None:
        return None if name == "AWS::NoValue" else self.values[name]

    def _sub(self, pattern: str) -> str:
        return re.sub(r"\$\{([^}]+)\}", lambda match: self.values[match[1]], pattern)

    def _if(self, branches: list[Any]) -> Any:
        condition, then, otherwise = branches
        holds = self.resolve(self.template["Conditions"][condition])
        return self.resolve(then if holds else otherwise)

    def _equals(self, pair: list[Any]) -> bool:
        first, second = map(self.resolve, pair)
        return bool(first == second)

    def _not(self, conditions: list[Any]) -> bool:
        return not self.resolve(conditions[0])


def test_there_is_a_policy_for_each_procedure_and_mode():
    expected = {f"{name.title()}Plan" for name in PERMISSIONS}
    expected |= {f"{name.title()}Apply" for name in ("rotate", "fleet", "prepare", "retire")}
    assert set(template()["Resources"]) == set(template()["Outputs"]) == expected


@pytest.mark.parametrize("chosen", CHOICES, ids="-".join)
def test_a_stack_allows_what_the_command_prints(chosen):
    stack = Stack(**REQUIRED, **chosen)
    for procedure, mode in itertools.product(PERMISSIONS, get_args(Mode)):
        name = f"{procedure.title()}{mode.title()}"
        if name in stack.template["Resources"]:
            assert stack.policy(name) == printed(procedure, mode, chosen), name


def printed(procedure: str, mode: Mode, chosen: dict[str, str]) -> dict[str, Any]:
    given = {NAMES[name]: value for name, value in (REQUIRED | chosen).items() if name in NAMES}
    return policy(procedure, mode, **given, deletes="RetireKey" in chosen)


@pytest.mark.parametrize("name", REQUIRED | OPTIONAL)
def test_parameters_accept_plain_values(name):
    parameter = template()["Parameters"][name]
    value = (REQUIRED | OPTIONAL)[name]
    if "AllowedValues" in parameter:
        assert value in parameter["AllowedValues"]
    else:
        assert re.fullmatch(parameter["AllowedPattern"], value)
        assert not re.fullmatch(parameter["AllowedPattern"], f"{value} *")
    if name in OPTIONAL and "AllowedPattern" in parameter:
        assert re.fullmatch(parameter["AllowedPattern"], parameter["Default"])
