"""Write deploy/cloudformation.yaml from the table of permissions: python -m tests.deploy.generate.

The template holds what ``byodkim policy`` prints: a managed policy for each procedure and mode.
"""

from pathlib import Path
from typing import Any, Final, get_args

import yaml

from byodkim.policy import PERMISSIONS, Mode, policy

TEMPLATE: Final = Path(__file__).parents[2] / "deploy" / "cloudformation.yaml"
HEADER: Final = "# Written by python -m tests.deploy.generate from lib/byodkim/policy.py.\n"
NAMES: Final[dict[str, Any]] = {
    "account": "${Account}",
    "region": "${Region}",
    "domain": "${Domain}",
    "secret_id": "${Secret}",
    "key_bucket": "${Bucket}",
    "store_region": "${StoreRegion}",
}
#: Arguments of ``policy`` that add statements, with the condition that stands for each.
OPTIONS: Final[dict[str, tuple[Any, str]]] = {
    "kms_key": ("${KmsKey}", "HasKmsKey"),
    "hosted_zone_id": ("${HostedZoneId}", "HasHostedZone"),
    "tsig_secret_id": ("${TsigSecret}", "HasTsigSecret"),
    "deletes": (True, "DeletesKeys"),
}


class Tagged:
    """A short form of CloudFormation, such as !Sub with its text."""

    def __init__(self, tag: str, value: Any) -> None:
        self.tag, self.value = tag, value


class Dumper(yaml.SafeDumper):  # type: ignore[misc] # yaml carries no types
    """Writes short forms of CloudFormation, and lists within their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - CloudFormation knows none
        return True


def _represent(dumper: Dumper, value: Tagged) -> yaml.Node:
    tag = f"!{value.tag}"
    if isinstance(value.value, str):
        return dumper.represent_scalar(tag, value.value)
    flat = all(isinstance(each, str | Tagged) for each in value.value)
    return dumper.represent_sequence(tag, value.value, flow_style=flat)


Dumper.add_representer(Tagged, _represent)


def template() -> dict[str, Any]:
    """Return the template."""
    policies = {
        f"{procedure.title()}{mode.title()}": _managed_policy(procedure, mode)
        for procedure in PERMISSIONS
        for mode in get_args(Mode)
        if mode == "plan" or _writes(procedure)
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "IAM managed policies of byodkim for one SES identity; of fleet, for all",
        "Parameters": PARAMETERS,
        "Conditions": {
            "HasStoreRegion": _is_given("StoreRegion"),
            "HasKmsKey": _is_given("KmsKey"),
            "HasHostedZone": _is_given("HostedZoneId"),
            "HasTsigSecret": _is_given("TsigSecret"),
            "DeletesKeys": Tagged("Equals", [Tagged("Ref", "RetireKey"), "delete"]),
        },
        "Resources": policies,
        "Outputs": {name: {"Value": Tagged("Ref", name)} for name in policies},
    }


def text() -> str:
    """Return the template as YAML."""
    written: str = yaml.dump(template(), Dumper=Dumper, sort_keys=False, width=100)
    return HEADER + written


def _writes(procedure: str) -> bool:
    return any(permission.modes == ("apply",) for permission in PERMISSIONS[procedure])


def _managed_policy(procedure: str, mode: Mode) -> dict[str, Any]:
    options = {name: value for name, (value, _) in OPTIONS.items()}
    document = policy(procedure, mode, **NAMES, **options)
    document["Statement"] = [
        _statement(each, procedure, mode, options) for each in document["Statement"]
    ]
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": Tagged("Sub", f"byodkim {procedure} {mode} for ${{Domain}}"),
            "PolicyDocument": document,
        },
    }


def _statement(
    statement: dict[str, Any], procedure: str, mode: Mode, options: dict[str, Any]
) -> Any:
    """Return a statement, under the condition of the option without which there is none."""
    resource = statement["Resource"]
    written = statement | {"Resource": _substituted(resource)}
    for option, (_, condition) in OPTIONS.items():
        without = options | {option: type(options[option])()}
        if statement not in policy(procedure, mode, **NAMES, **without)["Statement"]:
            return Tagged("If", [condition, written, Tagged("Ref", "AWS::NoValue")])
    return written


def _substituted(resource: str) -> Any:
    if "${" not in resource and not resource.startswith("arn:"):
        return resource
    in_partition = resource.replace("arn:aws:", "arn:${AWS::Partition}:", 1)
    if "${StoreRegion}" not in in_partition:
        return Tagged("Sub", in_partition)
    in_region = in_partition.replace("${StoreRegion}", "${Region}")
    return Tagged("If", ["HasStoreRegion", Tagged("Sub", in_partition), Tagged("Sub", in_region)])


def _is_given(parameter: str) -> Tagged:
    return Tagged("Not", [Tagged("Equals", [Tagged("Ref", parameter), ""])])


def _parameter(description: str, pattern: str, default: str | None = None) -> dict[str, str]:
    given = {} if default is None else {"Default": default}
    return {"Type": "String", "Description": description, **given, "AllowedPattern": pattern}


REGION: Final = "[a-z]{2}(-[a-z]+)+-[0-9]"
SECRET: Final = "[A-Za-z0-9/_+=.@-]+"
PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "Account": _parameter("AWS account of the identity.", "[0-9]{12}"),
    "Region": _parameter("Region of the identity.", REGION),
    "Domain": _parameter("The SES identity, such as example.jp.", r"[a-z0-9-]+(\.[a-z0-9-]+)+"),
    "Secret": _parameter("Name of the secret that names the selectors.", SECRET),
    "Bucket": _parameter("Bucket of the private keys.", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "StoreRegion": _parameter("Region of the secret, where it is another.", f"({REGION})?", ""),
    "KmsKey": _parameter(
        "ARN of your own key that encrypts secret or objects; empty where AWS's own key does.",
        "(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?",
        "",
    ),
    "HostedZoneId": _parameter(
        'Hosted zone of Route 53, with dns_writer = "route53".', "[A-Z0-9]{0,32}", ""
    ),
    "TsigSecret": _parameter(
        'Name of the TSIG key\'s secret, with dns_writer = "rfc2136".', f"({SECRET})?", ""
    ),
    "RetireKey": {
        "Type": "String",
        "Description": "Whether retire deletes private keys, as retire_key says in byodkim.toml.",
        "Default": "keep",
        "AllowedValues": ["keep", "delete"],
    },
}


if __name__ == "__main__":
    TEMPLATE.write_text(text(), "utf-8")
