"""Define what prepare needs of IAM."""

from __future__ import annotations

from typing import Final

from second_edition.access.needs import APPLY, LOCK, LOOK, READING, TRIED, WHO, Need

NEEDS: Final = (
    WHO,
    LOOK,
    *READING,
    Need("s3:PutObject", "new-key", "store", (APPLY,), only="if-absent"),
    Need("secretsmanager:PutSecretValue", "secret", "enter", (APPLY,)),
    Need("secretsmanager:UpdateSecretVersionStage", "secret", "promote", (APPLY,)),
    # The lock too, where it is in S3.
    Need("kms:GenerateDataKey", "encryption-key", "encrypt-store", (APPLY,), "encryption-key", "via-store"),
    Need("kms:GenerateDataKey", "object-key", "encrypt-key", (APPLY,), "object-key", "via-s3"),
    *LOCK,
    *TRIED,
)
