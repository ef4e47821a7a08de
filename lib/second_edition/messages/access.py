"""Words of the command that prints policies."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "nothing": "{commands} needs no policy: with this profile it calls nothing of AWS that takes a permission.",
    "assumed": 'This policy assumes that key objects lie at: {places} (the secret is not read). If the secret names another bucket or path (s3_bucket, s3_key_path), run this again with --keys "s3://BUCKET/PATTERN", once for each.',
    "no-command": "No policy is known for {command}. Known are: {known}.",
    "no-command.todo": "Name one of those.",
    "no-value": "The profile {profile} sets no {name}, which the policy of {commands} names.",
    "no-value.todo": "Write it into byodkim.toml, or choose another profile with --profile.",
    "no-keys": "The policy of {commands} names the bucket of the private keys, and the profile {profile} sets no key_bucket. The secret, which may name it, is not read for a policy.",
    "no-keys.todo": 'Where s3_key_path in the secret is an s3:// address, give its bucket: byodkim policy {again} --mode {mode} --keys "s3://BUCKET/PATTERN". Otherwise write key_bucket into byodkim.toml.',
    "not-arn": "{option} takes the ARN of a key in KMS (arn:aws:kms:REGION:ACCOUNT:key/ID), and {given} is none.",
    "not-arn.todo": "aws kms describe-key shows it; an alias will not do in a policy.",
    "nothing-done": "No policy was made; nothing was read or written at AWS.",
}
