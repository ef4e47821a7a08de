"""The IAM policy that a run needs: one table, from which the command and the CloudFormation
template are made.
"""

from typing import Any, Final, Literal, NamedTuple

Mode = Literal["plan", "apply"]


class Permission(NamedTuple):
    """An IAM action, on which resource, in which modes of which procedure.

    Attributes:
        action: as IAM spells it.
        resource: of ``identity``, ``secret``, ``object``, ``bucket``, ``key``, ``zone`` (of Route
            53), ``change`` (in it), ``tsig`` (its secret), ``deletable`` (objects that may be
            deleted) or ``all``.
        modes: in which it is called.
    """

    action: str
    resource: str
    modes: tuple[Mode, ...] = ("plan", "apply")


_APPLY: Final[tuple[Mode, ...]] = ("apply",)
#: What reads secret and private key.
_STORE: Final = (
    Permission("secretsmanager:GetSecretValue", "secret"),
    Permission("s3:GetObject", "object"),
    Permission("s3:ListBucket", "bucket"),  # without it, a missing object answers 403
    Permission("kms:Decrypt", "key"),
)
_READ: Final = (
    Permission("ses:GetEmailIdentity", "identity"),
    *_STORE,
    Permission("s3:GetObjectVersion", "object"),
)
_ROTATE: Final = (
    *_READ,
    Permission("ses:PutEmailIdentityDkimSigningAttributes", "identity", _APPLY),
)
_WRITE_RECORD: Final = (
    Permission("route53:GetHostedZone", "zone", _APPLY),
    Permission("route53:ListResourceRecordSets", "zone", _APPLY),
    Permission("route53:ChangeResourceRecordSets", "zone", _APPLY),
    Permission("secretsmanager:GetSecretValue", "tsig", _APPLY),
)
#: Every AWS call of a procedure. STS GetCallerIdentity needs no permission.
PERMISSIONS: Final[dict[str, tuple[Permission, ...]]] = {
    "rotate": _ROTATE,
    "fleet": (*_ROTATE, Permission("ses:GetIdentityDkimAttributes", "all", _APPLY)),
    "prepare": (
        *_READ,
        Permission("secretsmanager:PutSecretValue", "secret", _APPLY),
        Permission("secretsmanager:UpdateSecretVersionStage", "secret", _APPLY),
        Permission("s3:GetBucketVersioning", "bucket"),
        Permission("s3:PutObject", "object", _APPLY),
        Permission("kms:GenerateDataKey", "key", _APPLY),
        *_WRITE_RECORD,
        Permission("route53:GetChange", "change", _APPLY),
    ),
    "retire": (
        *_READ,
        Permission("s3:ListBucketVersions", "bucket"),
        Permission("s3:DeleteObjectVersion", "deletable", _APPLY),
        *_WRITE_RECORD,
    ),
    "explore": (
        Permission("ses:GetEmailIdentity", "all"),
        Permission("ses:GetIdentityDkimAttributes", "all"),
        Permission("ses:ListEmailIdentities", "all"),
        *_STORE,
    ),
}


def policy(
    procedure: str,
    mode: Mode,
    *,
    account: str,
    region: str,
    domain: str,
    secret_id: str,
    key_bucket: str,
    store_region: str = "",
    kms_key: str = "",
    hosted_zone_id: str = "",
    tsig_secret_id: str = "",
    deletes: bool = False,
) -> dict[str, Any]:
    """Return the IAM policy of a procedure's mode, for one identity.

    Args:
        procedure: of the run; of ``fleet``, for every identity of the Region.
        mode: of the run.
        account: of the identity.
        region: of the identity.
        domain: the identity.
        secret_id: name or ARN of the secret.
        key_bucket: bucket of the private keys.
        store_region: Region of the secret, where it is another.
        kms_key: ARN of the key that encrypts secret and objects; "" where AWS's own key does.
        hosted_zone_id: of Route 53, where key records are written there.
        tsig_secret_id: name or ARN of the TSIG key's secret, where dynamic updates are sent.
        deletes: whether retire deletes private keys.
    """
    stored_in = store_region or region
    partition = _partition(region)
    secrets = f"arn:{partition}:secretsmanager:{stored_in}:{account}:secret:"
    objects = f"arn:{partition}:s3:::{key_bucket}/*"
    name = "*" if procedure == "fleet" else domain
    resources = {
        "identity": f"arn:{partition}:ses:{region}:{account}:identity/{name}",
        "secret": _secret(secrets, secret_id.replace("{domain}", name)),
        "object": objects,
        "bucket": f"arn:{partition}:s3:::{key_bucket}",
        "key": kms_key,
        "zone": f"arn:{partition}:route53:::hostedzone/{hosted_zone_id}" if hosted_zone_id else "",
        "change": f"arn:{partition}:route53:::change/*" if hosted_zone_id else "",
        "tsig": _secret(secrets, tsig_secret_id),
        "deletable": objects if deletes else "",
        "all": "*",
    }
    actions: dict[str, list[str]] = {}
    for permission in PERMISSIONS[procedure]:
        if mode in permission.modes and resources[permission.resource]:
            actions.setdefault(permission.resource, []).append(permission.action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": sorted(names), "Resource": resources[resource]}
            for resource, names in actions.items()
        ],
    }


def _secret(prefix: str, name: str) -> str:
    """Return a secret's ARN; Secrets Manager appends six characters to its name. "" for none."""
    return name if not name or name.startswith("arn:") else f"{prefix}{name}-??????"


def _partition(region: str) -> str:
    """Return the partition of a Region (AWS General Reference, "Amazon Resource Names")."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
