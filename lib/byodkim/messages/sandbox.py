"""The sandbox's scenarios, each as one claim about the world it makes, and what the standing sandbox says."""

from __future__ import annotations

from typing import Final

SCENARIOS: Final[dict[str, str]] = {
    "ready": "SES signs with the current selector, and the next key record stands at every name server.",
    "dns-absent": "The next key record is not published yet.",
    "stale-name-server": "The second name server holds an older zone without the next key record.",
    "truncated-request": "The public key in the secret was cut short, and DNS serves the same cut value.",
    "secret-mismatch": "The public key in the secret and in DNS does not pair with the private key in S3.",
    "already-rotated": "SES already signs with the next selector and has verified it.",
    "easy-dkim": "The identity is on Easy DKIM (origin AWS_SES), not on BYODKIM.",
    "unprepared": "There is no next key pair yet: neither in the secret, nor in the bucket, nor in DNS.",
    "overlap": "SES has signed with the next selector for 8 days; the key record of the one before it is still published.",
    "places": "Three places sign with the current selector: two Regions of the account, and one of another account.",
    "fleet": (
        "A dozen identities beside the own one, each with a secret, keys and key records: most can be switched, one each "
        "lacks its key record, its key pair, or is on Easy DKIM."
    ),
    "previous-failed": "SES gave up on the current selector (FAILED); neither key record is in DNS.",
}

STANDING: Final = """\
The sandbox stands: {scenario}. {claim}

For boto3 and the AWS CLI, in another shell:
  export AWS_ENDPOINT_URL={endpoint_url}
  export AWS_ACCESS_KEY_ID=sandbox
  export AWS_SECRET_ACCESS_KEY=sandbox
  export AWS_DEFAULT_REGION={region}

Look at it:
  aws sesv2 get-email-identity --email-identity {domain}
  dig @{server} -p {dns_port} +short TXT {selector}._domainkey.{domain}

Rotate in it:
  papermill notebooks/rotate.ipynb outputs/rehearsal.ipynb -p selector {selector} -p mode apply -p target sandbox \\
    -p endpoint_url {endpoint_url} -p nameservers {nameservers}

Change it:
  byodkim sandbox advance 72h --port {port}
  byodkim sandbox reset --scenario dns-absent --port {port}

Ctrl-C stops it."""

TEXTS: Final[dict[str, str]] = {
    **{f"scenario-{name}": claims for name, claims in SCENARIOS.items()},
    "standing": STANDING,
    "not-started": "The sandbox did not start: {reason}.",
    "not-started.todo": 'Install the package with its sandbox extra: pip install "byodkim[sandbox]".',
    "silent": "No sandbox answers at {endpoint_url}.",
    "silent.todo": "Start one with `byodkim sandbox`, or correct the address.",
    "another-version": "What answers there is no sandbox of this version.",
    "another-version.todo": "Stop it, and start one with `byodkim sandbox` of this version.",
}
