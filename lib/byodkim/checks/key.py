"""Checks of the private key: it exists once, SES can use it, it pairs with its record, and no other
selector has it.
"""

from typing import Final

from byodkim.checks.check import Failed, Skipped, Unknown, check, see, unreadable
from byodkim.checks.identity import identity_of
from byodkim.checks.secret import is_entry_needless
from byodkim.checks.world import KeyObject, Observation, Secret
from byodkim.dkim.record import BITS, sha256_of, verify
from byodkim.words import Sentence, _

NEW_SELECTOR: Final = _("Use a selector that was never used.")


def key_of(seen: Observation) -> KeyObject:
    """Return the usable key object of the requested selector.

    Raises:
        Unknown: it could not be read or is no usable key.
    """
    key = seen.requested.key
    if isinstance(key, KeyObject) and key.sha256:
        return key
    raise see("KEY-OBJECT", "KEY-FORM")


@check("KEY-OBJECT", _("Exactly one key object belongs to the selector"), waivable=False)
def key_object(seen: Observation) -> Sentence:
    """Require one object at the place that the secret names, or else at the place that
    ``key_layout`` names.

    Raises:
        Failed: there is none, or not in the version that a signed run saw.
        Unknown: S3 did not say.
    """
    key = seen.requested.key
    if isinstance(key, KeyObject):
        return _("{place}", place=key.place)
    if key is None:
        raise Unknown(
            _("No place is known for the private key"),
            todo=_("Set key_bucket, or write s3_key_path into the secret."),
        )
    if key.code not in ("NoSuchKey", "NoSuchVersion"):
        raise unreadable(key, "s3:GetObject, s3:GetObjectVersion")
    raise Failed(
        _("S3 has no key object for {selector} at its place ({code})",
          selector=seen.requested.selector, code=key.code),
        todo=_("Store the private key there, restore its version, or correct s3_key_path."),
    )  # fmt: skip


@check(
    "KEY-FORM",
    _("The object holds an unencrypted RSA private key of 1024 to 2048 bits"),
    waivable=False,
)
def key_form(seen: Observation) -> Sentence:
    """Require a key that SES can use and that receivers can verify.

    Raises:
        Failed: it is none, or has another size.
        Unknown: the object could not be read.
    """
    key = seen.requested.key
    if not isinstance(key, KeyObject):
        raise see("KEY-OBJECT")
    if key.defect or key.bits not in BITS:
        raise Failed(
            _("SES cannot use the object as a private key: {why}",
              why=key.defect or f"{key.bits} bits"),
            todo=_("Store an RSA key of 2048 bits in PEM, unencrypted."),
        )  # fmt: skip
    return _("{form}, {bits} bits", form=key.form, bits=key.bits)


@check("KEY-STRENGTH", _("The key has 2048 bits"), level="warns")
def key_strength(seen: Observation) -> Sentence:
    """Recommend 2048 bits (RFC 8301 section 3.2).

    Raises:
        Failed: it has fewer.
        Unknown: the key could not be read.
    """
    bits = key_of(seen).bits
    if bits < 2048:
        raise Failed(_("{bits} bits", bits=bits), todo=_("Make the next key with 2048 bits."))
    return _("{bits} bits", bits=bits)


@check(
    "KEY-PAIR",
    _("The private key in S3 and the key record in the secret are one pair"),
    waivable=False,
)
def key_pair(seen: Observation) -> Sentence:
    """Compare the fingerprint of the stored key with that of the secret's key record.

    Raises:
        Failed: they differ.
        Unknown: one of them could not be read.
        Skipped: the run rolls back and the secret names no record; DNS-PUBLISHED compares with the
            servers.
    """
    key, entry = key_of(seen), seen.requested.entry
    if is_entry_needless(seen):
        raise Skipped(_("A rollback compares the stored key with what the servers publish"))
    named = sha256_of(entry.record) if entry else ""
    if not named:
        raise see("SECRET-ENTRY")
    if named != key.sha256:
        raise Failed(
            _("SHA-256 of the key in S3: {stored}…, in the secret: {named}…",
              stored=key.sha256[:16], named=named[:16]),
            todo=_("Find out which one is right. Then correct the secret or the object."),
        )  # fmt: skip
    return _("Both are {sha256}…", sha256=key.sha256[:16])


@check("KEY-SIGNS", _("A message signed with the key verifies with every published record"))
def key_signs(seen: Observation) -> Sentence:
    """Verify a message that the custodian signed, by dkimpy, with the record of every server.

    Raises:
        Failed: a record does not verify it.
        Unknown: there is no such message, or no record.
    """
    key_of(seen)
    message = seen.requested.signed_message.encode()
    records = {"".join(text) for answer in seen.requested.answers for text in answer.texts}
    if not message or not records:
        raise Unknown(_("There is no record to verify with yet"))
    failing = [record for record in records if verify(message, record) != "verified"]
    if failing:
        raise Failed(
            _("The message does not verify with {count} of {total} published records",
              count=len(failing), total=len(records)),
            todo=_("Do what DNS-PUBLISHED says first."),
        )  # fmt: skip
    return _("dkimpy verifies a signed message with what the servers publish")


@check(
    "KEY-REUSED",
    _("By S3, the secret and signed runs, no other selector has this key, and this selector had "
      "no other key"),
)  # fmt: skip
def key_reused(seen: Observation) -> Sentence:
    """Look for the key under other selectors, and for other keys under this selector, in sealed
    runs and in the secret.

    Raises:
        Failed: there is one, or a run retired the selector.
        Unknown: the key could not be read.
    """
    selector, runs = seen.requested.selector, seen.history
    if retired := runs.retired(selector):
        what = _("{name} retired {selector}", name=retired[-1], selector=selector)
        raise Failed(what, todo=NEW_SELECTOR)
    makes_key = seen.store is not None  # prepare: STORE-PLACE judges a key that is there already
    sha256 = seen.requested.key_sha256 if makes_key else key_of(seen).sha256
    if same := other_selectors_of(seen, sha256):
        raise Failed(
            _("The same key belongs to {selectors}", selectors=same),
            todo=_("Make a new key pair: the same key changes nothing."),
        )
    if others := runs.keys_of(selector) - {sha256}:
        what = _("A signed run saw {selector} with another key, {sha256}…",
                 selector=selector, sha256=min(others)[:16])  # fmt: skip
        raise Failed(what, todo=NEW_SELECTOR)
    return _("Signed runs that were compared: {count}", count=len(runs.runs))


@check("KEY-KNOWN", _("SES waits for a key that a run of this folder set"), level="warns")
def key_known(seen: Observation) -> Sentence:
    """Tell whether the key that SES waits for, while it shows the requested selector as not
    verified, is the right one.

    Raises:
        Failed: no run is known that set it, so an apply run sets it again.
        Skipped: SES has another selector, or has verified this one.
        Unknown: the identity could not be read.
    """
    identity = identity_of(seen)
    if not seen.is_switched or identity.status not in ("PENDING", "NOT_STARTED"):
        raise Skipped(_("SES is not waiting for this selector"))
    if not is_key_known(seen):
        raise Failed(
            _("SES waits for {selector}, and no run of this folder set its key",
              selector=seen.requested.selector),
            todo=_("Apply: the run sets the proved key again."),
        )  # fmt: skip
    return _("A run of this folder set the key, or began to; an apply run waits")


def other_selectors_of(seen: Observation, key_sha256: str) -> list[str]:
    """Return the other selectors that have a key, by S3, sealed runs, or the secret."""
    named = [(seen.current.selector, seen.current.key_sha256), *seen.history.keys]
    if isinstance(seen.secret, Secret):
        named += [(each.selector, sha256_of(each.record)) for each in seen.secret.entries]
    others = {name for name, sha256 in named if sha256 == key_sha256 != ""}
    return sorted(others - {seen.requested.selector, ""})


def is_key_known(seen: Observation) -> bool:
    """Return whether a run of this folder set the key that SES has for the requested selector.

    A killed run that was about to set it counts too: that stops a second write and permits none.
    """
    given = [(run.selector, run.key_sha256) for run in seen.history.unfinished if run.intended_at]
    if write := seen.history.last_write():
        given.append((write.selector, write.key_sha256))
    return (seen.requested.selector, seen.requested.key_sha256) in given
