"""Signing what a run's seal states: with the user's local key, or with a key that never leaves KMS.

Source: AWS KMS API reference, Sign (ECDSA_SHA_256 over a RAW message of at most 4096 bytes) and GetPublicKey.
"""

from __future__ import annotations

import os
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.evidence import sealing_key
from byodkim.evidence.dsse import PAYLOAD, Signature, pae
from byodkim.evidence.sealing_key import KeyDefect, SealingKey

ALGORITHM: Final = "ECDSA_SHA_256"


def sign(statement: str, client: Any | None, arn: str) -> Signature:
    """Signs a statement in DSSE's encoding; what was signed has been verified when this returns.

    Args:
        statement: canonical JSON.
        client: of KMS, ``None`` for the local key.
        arn: of the key in KMS.

    Raises:
        KeyDefect: there is no key, or it did not sign.
    """
    message = pae(PAYLOAD, statement.encode())
    if client is None:
        private = sealing_key.local(sealing_key.default_path(os.environ))
        signature, public = private.sign(message), sealing_key.public_half(private)
    else:
        signature, public = _by_kms(client, arn, message)
    if not public.kind or not public.verifies(signature, message):
        raise KeyDefect("make.refused", arn, "the signature does not verify")
    return Signature(signature, public.der)


def _by_kms(client: Any, arn: str, message: bytes) -> tuple[bytes, SealingKey]:
    try:
        signed = client.sign(KeyId=arn, Message=message, MessageType="RAW", SigningAlgorithm=ALGORITHM)
        public = client.get_public_key(KeyId=arn)
    except ClientError as error:
        raise KeyDefect("make.refused", arn, error.response.get("Error", {}).get("Code", "")) from None
    except BotoCoreError as error:
        raise KeyDefect("make.refused", arn, type(error).__name__) from None
    try:
        signature = sealing_key.low_s(bytes(signed["Signature"]))
    except ValueError:
        raise KeyDefect("make.refused", "KMS", "the signature is not ECDSA") from None
    return signature, SealingKey(bytes(public["PublicKey"]))
