"""Define what a check looks at, and the registry that all families share."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from second_edition.dkim.key_record import FEWEST_BITS, MOST_BITS
from second_edition.rotation.approval import NO_TERMS, Presented, Terms
from second_edition.rotation.findings import NOT_CHECKED, CheckUnknown, Level, Phrase, Registry, phrase
from second_edition.rotation.lock import NO_LOCK, Lock
from second_edition.rotation.observation import (
    UNREADABLE,
    UNREADABLE_ANSWER,
    Identity,
    KeyObject,
    Observation,
    SecretVersion,
    Unread,
)
from second_edition.rotation.plan import Plan
from second_edition.rotation.readiness import NOTHING_TRIED, Readiness

CHECKS = Registry()
#: What S3 (codes that begin with KMS.) and Secrets Manager (GetSecretValue) answer where KMS refused.
KEY_DISABLED: Final = frozenset({"KMS.DisabledException"})
KMS: Final = ("KMS.", "DecryptionFailure")
NO_ENTRY = ("selector-absent", "no-entry", "not-json", "binary")  # defects without which a rollback can do

#: How the codes begin of what a role may not do, of too many calls, and of AWS's own faults.
DENIED: Final = ("AccessDenied", "UnauthorizedOperation", "403")
#: Route 53 makes one change of a hosted zone at a time.
THROTTLED: Final = ("TooManyRequests", "Throttling", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete")
FAULTS: Final = ("Internal", "ServiceUnavailable", "RequestTimeout", "500", "502", "503", "504")
#: botocore's errors and AWS's codes where the sign-in has expired, is missing, or is not accepted.
EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError"}
)
MISSING: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})
NOT_ACCEPTED: Final = frozenset(
    {"InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)
SIGN_IN: Final = EXPIRED | MISSING | NOT_ACCEPTED
#: What to do where the role may not do that.
GIVE: Final = {
    "identity": phrase("Give the role ses:GetEmailIdentity on this identity, then run again."),
    "zone": phrase("The role may not do that. Give it the permissions that byodkim policy prints, then run again."),
}
DAMAGED: Final = "Damaged"  # what the archive has under a journal's name, and nobody can read
UNTRUSTED: Final = "SSLError"  # botocore's, where who answers in AWS's place has another certificate
#: botocore's errors where no answer came from AWS.
UNREACHED = frozenset(
    {
        "ConnectTimeoutError", "ConnectionClosedError", "ConnectionError", "EndpointConnectionError",
        "HTTPClientError", "ProxyConnectionError", "ReadTimeoutError", UNTRUSTED,
    }
)  # fmt: skip
#: Where an endpoint is unfit, so that the call was not sent (``aws.hosts``).
UNSENT: Final = frozenset({"Apart", "Elsewhere", "Foreign", "NoAddress", "Unencrypted", "UserPart"})
#: The check of what AWS was asked for: its remedy is that of all checks that need the answer.
SOURCES: Final = {
    "caller": "SES-ACCOUNT", "identity": "SES-EXISTS", "secret": "SECRET-SHAPE",
    "key": "STORE-OBJECT", "current-key": "STORE-OBJECT",
}  # fmt: skip


class Expected(Struct, frozen=True):
    """Hold what the profile says of the world: the account and Region that the identity is meant to be in.

    ``applies``: what passes is written at once; a plan is carried out later.
    """

    account: str
    region: str
    applies: bool = True


class Applying(Struct, frozen=True):
    """Hold what an apply run is about to carry out, what it was given as approvals, how many it needs, and its lock.

    ``terms``: which approvals are in force; ``readiness``: whether its record can be kept.
    """

    plan: Plan
    required: int = 0
    approvals: tuple[Presented, ...] = ()
    lock: Lock = NO_LOCK
    terms: Terms = NO_TERMS
    readiness: Readiness = NOTHING_TRIED


class Case(Struct, frozen=True):
    """One observation, and what the profile expects. ``applying``: what is about to be done; ``None`` in plan mode."""

    seen: Observation
    expected: Expected
    applying: Applying | None = None

    @property
    def returning(self) -> Phrase | None:
        """Return why the selector asked for needs no entry in the secret, or ``None`` where it has or needs one.

        It needs none where SES has it now, or where an archived run saw SES sign with it, verified, while DNS served
        the key that is stored: key object and served record then prove one pair without the secret (KEY-PAIR).
        """
        secret, key, requested = self.seen.next_key.secret, self.seen.next_key.key, self.seen.selector
        if secret is None or secret.defect not in NO_ENTRY or key is None or not key.sha256:
            return None
        if self.seen.current_selector == requested:
            return phrase("SES has {selector} now: no entry in the secret is needed", selector=requested)
        worked = (used for used in self.seen.used if used.worked and used.selector == requested)
        used = next((used for used in worked if used.sha256 == key.sha256), None)
        if used is None:
            return None
        if used.unsigned:
            return phrase(
                "run {run}, which no trusted key signed, says that it left {selector} with the stored key, verified: "
                "no entry in the secret is needed",
                selector=requested,
                run=used.run,
            )
        return phrase(
            "run {run} saw SES sign with {selector} and the stored key, verified: no entry in the secret is needed",
            selector=requested,
            run=used.run,
        )

    def identity(self) -> Identity:
        """Return the identity.

        Raises:
            CheckUnknown: it could not be read, or does not exist (which SES-EXISTS says).
        """
        if self.seen.identity is None:
            raise self.unknown("identity")
        return self.seen.identity

    def secret(self) -> SecretVersion:
        """Return the secret's version.

        Raises:
            CheckUnknown: it could not be read, or not be understood (which SECRET-SHAPE says).
        """
        secret = self.seen.next_key.secret
        if secret is None or secret.defect in UNREADABLE:
            raise self.unknown("secret")
        return secret

    def key(self) -> KeyObject:
        """Return the next selector's key object.

        Raises:
            CheckUnknown: it could not be read.
        """
        key = self.seen.next_key.key
        if key is None:
            raise self.unknown("key")
        return key

    def loaded_key(self) -> KeyObject:
        """Return the next selector's key object, with a private key in it.

        Raises:
            CheckUnknown: it could not be read, is not there or holds no usable key (which STORE- and KEY- say).
        """
        key = self.key()
        if key.defect:
            raise CheckUnknown
        return key

    @property
    def missized(self) -> Phrase | None:
        """Return what to do where SES does not take the loaded key's size: what else is wrong may follow from that."""
        key = self.seen.next_key.key
        fits = key is None or key.defect or FEWEST_BITS <= key.bits <= MOST_BITS
        return None if fits else CHECKS.checks["KEY-SIZE"].remedy

    def unknown(self, what: str, level: Level | None = None) -> CheckUnknown:
        """Return the verdict on what could not be read, with what to do about that."""
        failure = self.seen.failure(what)
        return CheckUnknown(self.unread(what), remedy(failure) if failure else None, level)

    def unread(self, what: str) -> Phrase:
        """Return why something could not be read; where it could, "not looked at" (an earlier check says why)."""
        failure = self.seen.failure(what)
        if failure is None:
            return NOT_CHECKED
        if failure.code == UNREADABLE_ANSWER:
            return phrase(
                "AWS answered {operation} in a form that this version cannot read", operation=failure.operation
            )
        if failure.code in UNSENT:
            return phrase("could not be read: {why}", why=failure.message)
        if failure.code == DAMAGED:
            return phrase("cannot be read as a journal: {files}", files=failure.message)
        if what == "dns":
            return phrase("no name server could be asked: {why}", why=failure.message)
        return unanswered(failure.operation, failure.code)


def unanswered(operation: str, code: str) -> Phrase:
    """Return why a call of AWS brought no answer: in words, with AWS's or botocore's own code in brackets."""
    if code in UNREACHED:
        return phrase("could not be read: AWS did not answer {operation} ({code})", operation=operation, code=code)
    if code.startswith(DENIED):
        return phrase("could not be read: AWS denied {operation} ({code})", operation=operation, code=code)
    if code.startswith(THROTTLED):
        return phrase("could not be read: AWS slows down {operation} ({code})", operation=operation, code=code)
    return phrase("could not be read: AWS refused {operation} ({code})", operation=operation, code=code)


def _reach(failure: Unread) -> Phrase:
    found = re.search(r"https?://([^/\s\"']+)", failure.message)
    host = found[1] if found else failure.operation
    if failure.code == UNTRUSTED:
        return phrase(
            "No public certificate authority vouches for what answers at {host}. Have the proxy that opens TLS pass "
            "connections to AWS through unopened, then run again; a CA bundle of your own does not count.",
            host=host,
        )
    return phrase(
        "AWS did not answer at {host}: run again. If that does not help, check network, proxy and endpoint_url.",
        host=host,
    )


#: What to do by the very code.
BY_CODE: Final = {
    **dict.fromkeys(
        UNSENT,
        phrase(
            "Correct the endpoint wherever it is named: endpoint_url (the parameter or byodkim.toml), the environment "
            "(AWS_ENDPOINT_URL and the variables of single services) or the AWS configuration. Then run again."
        ),
    ),
    **dict.fromkeys(
        SIGN_IN,
        phrase(
            "The AWS sign-in is missing, has expired or is not accepted. Sign in again (aws sso login --profile "
            "PROFILE), then run again."
        ),
    ),
    UNREADABLE_ANSWER: phrase(
        "Run again; if the answer stays as it is, report it, with the run's journal, and use no waiver."
    ),
    **dict.fromkeys(
        KEY_DISABLED,
        phrase(
            "The KMS key that encrypts it is disabled. Enable it (aws kms enable-key --key-id KEY), then run again."
        ),
    ),
    DAMAGED: phrase(
        "Look at these files of the archive: a journal that cannot be read may hide that a key was used. Restore "
        "it from its copy; move a file that is no journal out of the archive. Then run again."
    ),
}


def remedy(failure: Unread) -> Phrase | None:
    """Return what mends a failure, by what AWS said, whatever the check; ``None`` where only the check knows."""
    if failure.code.startswith((*THROTTLED, *FAULTS)):
        return phrase(
            "AWS did not answer {operation} as it should ({code}): wait a minute, then run again.",
            operation=failure.operation,
            code=failure.code,
        )
    if failure.code in UNREACHED:
        return _reach(failure)
    if failure.code in BY_CODE:
        return BY_CODE[failure.code]
    if failure.code.startswith(KMS):
        return phrase(
            "KMS did not decrypt it. See that its KMS key is enabled and not to be deleted, and that this role has "
            "kms:Decrypt on it; then run again."
        )
    if failure.what == "secret" and failure.code == "ResourceNotFoundException":
        return phrase("Correct secret_id: this account and Region have no secret of that name.")
    if failure.what in GIVE and failure.code.startswith(DENIED):
        return GIVE[failure.what]
    return CHECKS.checks[SOURCES[failure.what]].remedy if failure.what in SOURCES else None
