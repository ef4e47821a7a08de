"""Define what each command needs of IAM: from it come the policies, the template's roles and the documents' tables.

An entry is there because the code makes the call, and tests run the code behind a gate that lets nothing else through.
A procedure's own stand in its module ``needs``; other commands are in ``policy.COMMANDS``. What is new takes words in
``tests/second_edition/access/words.py``, a line in ``resources.py`` (resource, option or condition), a run in
``tests/second_edition/access/lives.py`` (``test_enforced.py`` fails while no run uses what is declared), and ``make permissions``.
Source of the actions: Service Authorization Reference, and for S3 "Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

PLAN: Final = "plan"
APPLY: Final = "apply"
BOTH: Final = (PLAN, APPLY)
ALWAYS: Final = "always"


class Need(Struct, frozen=True):
    """One action on one resource.

    Attributes:
        action: as IAM spells it.
        on: name of the resource (``resources.arns``), "" for an action that needs no permission.
        why: for what; ``tests/second_edition/access/words.py`` has the words under ``why.<why>``.
        modes: in which modes of the notebook.
        when: which option asks for it (``resources.enabled``).
        only: name of the condition under which it is allowed (``resources.condition``), "" for none.
    """

    action: str
    on: str
    why: str
    modes: tuple[str, ...] = BOTH
    when: str = ALWAYS
    only: str = ""

    @property
    def sid(self) -> str:
        """Return the name of the statement that this is a part of; its needs share resource, option and condition."""
        parts = [self.on, *([self.when] if self.when not in (ALWAYS, self.on) else []), self.only]
        return "".join(word.capitalize() for part in parts for word in part.split("-"))


# The seal of what is kept: of a run's record, of a message's verdict.
SEALING: Final = (
    Need("kms:Sign", "seal-key", "seal", when="seal-key", only="signing"),
    Need("kms:GetPublicKey", "seal-key", "seal-public", when="seal-key"),
)

# Copies of a record in the archive. The lock and the key are not touched.
COPYING: Final = (
    Need("s3:PutObject", "archive", "copy", when="archive"),
    Need("s3:GetObject", "archive", "copied", when="archive"),  # HeadObject, where a copy is there already
    Need("s3:PutObjectRetention", "archive", "hold", when="retention"),
    Need("kms:GenerateDataKey", "archive-key", "encrypt", when="archive-key", only="via-s3"),
    Need("kms:Decrypt", "archive-key", "copied", when="archive-key", only="via-s3"),
)

# A run's record, when it closes: sealed, and copied to the archive.
KEEPING: Final = (*SEALING, *COPYING)

# That the archive takes copies is tried before the write: an upload is begun, and given up.
TRIED: Final = (*KEEPING, Need("s3:AbortMultipartUpload", "archive", "try", (APPLY,), "archive"))

WHO: Final = Need("sts:GetCallerIdentity", "", "who")
LOOK: Final = Need("ses:GetEmailIdentity", "identity", "look")

# The key store as every run reads it.
READING: Final = (
    Need("secretsmanager:GetSecretValue", "secret", "secret"),
    Need("s3:GetObject", "keys", "key"),  # HeadObject too: a plan proves the key pair as well
    Need("s3:ListBucket", "key-bucket", "list"),
    Need("kms:Decrypt", "encryption-key", "decrypt", when="encryption-key", only="via-store"),
    Need("kms:Decrypt", "object-key", "decrypt-key", when="object-key", only="via-s3"),
)

LOCK: Final = (
    Need("s3:GetObject", "lock", "lock", (APPLY,), "lock"),
    Need("s3:PutObject", "lock", "lock", (APPLY,), "lock"),
)

LOCK_ENCRYPTION: Final = Need("kms:GenerateDataKey", "encryption-key", "encrypt", (APPLY,), "encrypted-lock", "via-s3")

# The message that proves a switch: only an apply run sends one.
MAILBOX: Final = (
    Need("ses:SendEmail", "identity", "send", (APPLY,), "mailbox", "addressed"),
    Need("s3:ListBucket", "inbox-bucket", "arrived", (APPLY,), "mailbox", "in-inbox"),
    Need("s3:GetObject", "inbox", "received", (APPLY,), "mailbox"),
)

# All in the Region is looked at; nothing is kept.
EXPLORE: Final = (
    WHO,
    Need("ses:ListEmailIdentities", "identities", "survey"),
    Need("ses:GetEmailIdentity", "every-identity", "inspect"),
    *READING,
)

# The same by the hundred; nothing of a private key is fetched.
INVENTORY: Final = (
    WHO,
    Need("ses:ListEmailIdentities", "identities", "survey"),
    Need("ses:GetIdentityDkimAttributes", "identities", "survey-dkim"),
    Need("ses:GetEmailIdentity", "every-identity", "unclear"),  # where API v1 does not tell with what it signs
    # The age of the key of the profile's own identity.
    Need("secretsmanager:GetSecretValue", "secret", "secret"),
    Need("s3:GetObject", "keys", "dated"),  # HeadObject
    Need("s3:ListBucket", "key-bucket", "list"),
    Need("kms:Decrypt", "encryption-key", "decrypt", when="encryption-key", only="via-store"),
)

# Where the team writes DNS itself.
PUBLISHING: Final = (
    Need("route53:GetHostedZone", "hosted-zone", "zone", when="route53"),
    Need("route53:ListResourceRecordSets", "hosted-zone", "stands", when="route53"),
    Need("route53:ChangeResourceRecordSets", "hosted-zone", "publish", (APPLY,), "route53", "key-records"),
    Need("route53:GetChange", "change", "settled", (APPLY,), "route53"),
    Need("secretsmanager:GetSecretValue", "tsig-secret", "tsig", when="rfc2136"),
)

# Who looks through the archive later: with the AWS CLI, and with byodkim verify, which asks for the heads.
AUDIT: Final = (
    Need("s3:ListBucket", "archive-bucket", "audit-list", when="archive"),
    Need("s3:ListBucketVersions", "archive-bucket", "audit-heads", when="archive"),
    Need("s3:GetObject", "archive", "audit-read", when="archive"),
    Need("s3:GetObjectVersion", "archive", "audit-heads", when="archive"),
    Need("s3:GetObjectRetention", "archive", "audit-hold", when="retention"),
    Need("kms:GetPublicKey", "seal-key", "seal-public", when="seal-key"),
    Need("kms:Decrypt", "archive-key", "audit-read", when="archive-key", only="via-s3"),
)
