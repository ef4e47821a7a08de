"""The template carried out on the sandbox: its functions worked out, its resources made by AWS's own API, in order.

moto's CloudFormation knows neither secrets nor a bucket's versions, so that is done here; cfn-lint reads the template.
What is not known here is an error, so that no property is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.second_edition.access.asked import ACCOUNT, REGION
from tests.second_edition.access.generated import TEMPLATE
from tests.second_edition.project.tracked import ROOT

NOTHING = object()
Client = Callable[[str], Any]


def read() -> dict[str, Any]:
    """The template, with its short forms written out."""
    from cfnlint.decode import decode  # which loads a computer algebra system, into no other worker

    template, problems = decode(str(ROOT / TEMPLATE))
    assert not problems
    found: dict[str, Any] = json.loads(json.dumps(template))
    return found


@dataclass
class Stack:
    """A stack: its parameters, and what its resources came to.

    Attributes:
        given: parameters; the others have their defaults.
        client: clients of the sandbox.
        made: by logical name, ``Ref`` and ``Arn``.
        roles: name of the role and of its policy by logical name.
        bucket_policies: by ARN.
    """

    given: Mapping[str, str]
    client: Client
    name: str = "example-jp-dkim"
    template: dict[str, Any] = field(default_factory=read)
    made: dict[str, dict[str, str]] = field(default_factory=dict)
    roles: dict[str, tuple[str, str]] = field(default_factory=dict)
    bucket_policies: dict[str, dict[str, Any]] = field(default_factory=dict)

    def deploy(self) -> Stack:
        """Makes what the template asks for, in its order."""
        for name, resource in self.template["Resources"].items():
            if "Condition" in resource and not self._condition(resource["Condition"]):
                continue
            known = {"Type", "Properties", "Condition", "DeletionPolicy", "UpdateReplacePolicy"}
            assert resource.keys() <= known, name
            make = getattr(self, "_make_" + resource["Type"].partition("::")[2].replace("::", "_").lower())
            properties = self.value(resource.get("Properties", {}))
            self.made[name] = make(name, properties) or {}
            assert not properties, f"{name} has properties that are not known: {properties}"
        return self

    def output(self, name: str) -> str:
        """An output's value."""
        return str(self.value(self.template["Outputs"][name]["Value"]))

    def value(self, node: Any) -> Any:
        """A part of the template, worked out."""
        if isinstance(node, list):
            return [found for found in map(self.value, node) if found is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            # A statement's "Condition" is no function: that holds a mapping.
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(argument, str)):
                return self._function(name, argument)
        return {key: found for key, inner in node.items() if (found := self.value(inner)) is not NOTHING}

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._named(argument)
            case "Condition":
                return self._condition(argument)
            case "Fn::GetAtt":
                logical, attribute = argument if isinstance(argument, list) else argument.split(".")
                return self.made[logical][attribute]
            case "Fn::Sub":
                text, own = argument if isinstance(argument, list) else (argument, {})
                values = {key: str(self.value(inner)) for key, inner in own.items()}
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._filled(found[1], values), text)
            case "Fn::If":
                return self.value(argument[1 if self._condition(argument[0]) else 2])
            case "Fn::Equals":
                one, other = map(self.value, argument)
                return str(one) == str(other)
            case "Fn::Not":
                return not self.value(argument[0])
            case "Fn::And":
                return all(map(self.value, argument))
            case "Fn::Join":
                return argument[0].join(self.value(argument[1]))
        raise ValueError(name)

    def _filled(self, name: str, values: Mapping[str, str]) -> str:
        if name in values:
            return values[name]
        logical, _, attribute = name.partition(".")
        return self.made[logical][attribute] if attribute else str(self._named(name))

    def _named(self, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": self.name, "AWS::NoValue": NOTHING,
        }  # fmt: skip
        if name in pseudo:
            return pseudo[name]
        if name in self.template["Parameters"]:
            return self._parameter(name, self.template["Parameters"][name])
        return self.made[name]["Ref"]

    def _parameter(self, name: str, declared: Mapping[str, Any]) -> Any:
        text = str(self.given.get(name, declared.get("Default")))
        assert name in self.given or "Default" in declared, f"{name} is not given"
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), text), name
        assert text in declared.get("AllowedValues", [text]), name
        if declared["Type"] == "CommaDelimitedList":
            return text.split(",")
        return int(text) if declared["Type"] == "Number" else text

    def _condition(self, name: str) -> bool:
        return bool(self.value(self.template["Conditions"][name]))

    def _make_kms_key(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        kms, policy = self.client("kms"), json.dumps(properties.pop("KeyPolicy"))
        waiting, rotates = properties.pop("PendingWindowInDays"), properties.pop("EnableKeyRotation", False)
        assert waiting >= 7
        named = {name: properties.pop(name) for name in ("Description", "KeySpec", "KeyUsage") if name in properties}
        key = kms.create_key(Policy=policy, **named)["KeyMetadata"]
        if rotates:
            kms.enable_key_rotation(KeyId=key["KeyId"])
        return {"Ref": key["KeyId"], "Arn": key["Arn"]}

    def _make_s3_bucket(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        s3, name, place = self.client("s3"), properties.pop("BucketName"), {"LocationConstraint": REGION}
        locked = properties.pop("ObjectLockEnabled", False)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=locked)
        (rule,) = properties.pop("BucketEncryption")["ServerSideEncryptionConfiguration"]
        encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}]}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties.pop("VersioningConfiguration"))
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=properties.pop("OwnershipControls"))
        blocked = properties.pop("PublicAccessBlockConfiguration")
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
        if "LifecycleConfiguration" in properties:
            rules = [
                {"ID": one.pop("Id"), "Filter": {"Prefix": ""}, **one}
                for one in properties.pop("LifecycleConfiguration")["Rules"]
            ]
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
        return {"Ref": name, "Arn": f"arn:aws:s3:::{name}"}

    def _make_s3_bucketpolicy(self, _: str, properties: dict[str, Any]) -> None:
        # For the gate to enforce: moto takes every denial under a condition for one that holds, and lets nobody in.
        self.bucket_policies[f"arn:aws:s3:::{properties.pop('Bucket')}"] = properties.pop("PolicyDocument")

    def _make_secretsmanager_secret(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        named = {name: properties.pop(name) for name in ("Name", "Description", "KmsKeyId")}
        return {"Ref": self.client("secretsmanager").create_secret(**named)["ARN"]}

    def _make_iam_role(self, name: str, properties: dict[str, Any]) -> dict[str, str]:
        iam, role = self.client("iam"), properties.pop("RoleName")
        trust = json.dumps(properties.pop("AssumeRolePolicyDocument"))
        made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust, Description=properties.pop("Description"))
        (policy,) = properties.pop("Policies")
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document)
        self.roles[name] = (role, policy["PolicyName"])
        return {"Ref": role, "Arn": made["Role"]["Arn"]}
