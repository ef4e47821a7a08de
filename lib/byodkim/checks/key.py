"""Checks of the private key: it exists once, SES can use it, it pairs with its record, and no other
selector has it.
"""

from __future__ import annotations

from byodkim.checks.check import Failed, Passed, Skipped, Unknown, check
from byodkim.checks.identity import identity_of
from byodkim.checks.remedies import NEW_SELECTOR, unreadable
from byodkim.checks.world import KeyObject, Observation, Secret
from byodkim.dkim.record import BadKeyRecord, parse_key_record, sha256_of, verify
from byodkim.words import Sentence, _

#: SES takes RSA keys of 1024 to 2048 bits (Amazon SES Developer Guide, BYODKIM).
LEAST_BITS, MOST_BITS = 1024, 2048


def key_of(seen: Observation) -> KeyObject:
    """Return the usable key object of the requested selector.

    Raises:
        Unknown: it could not be read or is no usable key.
    """
    key = seen.requested.key
    if isinstance(key, KeyObject) and key.sha256:
        return key
    raise Unknown(_("KEY-OBJECT and KEY-FORM say why the key is not known"))


@check(
    "KEY-OBJECT",
    _("Exactly one key object belongs to the selector"),
    _("With two candidates, the wrong private key could be set."),
    waivable=False,
)
def key_object(seen: Observation) -> Passed:
    """Require one object at the place that the secret names, or else at the place that
    ``key_layout`` names.

    Raises:
        Failed: there is none.
        Unknown: S3 did not say.
    """
    key = seen.requested.key
    if isinstance(key, KeyObject):
        return Passed(_("{place}", place=key.place))
    if key is None:
        raise Unknown(
            _("No place is known for the private key"),
            todo=_("Set key_bucket, or write s3_key_path into the secret."),
        )
    if key.code == "NoSuchKey":
        raise Failed(
            _("There is no key object for {selector}", selector=seen.requested.selector),
            todo=_("Store the private key where the secret says, or correct s3_key_path."),
        )
    unknown = unreadable(key, "s3:GetObject, s3:GetObjectVersion")
    if key.code == "NoSuchVersion":
        what = _("The version of the key object that a signed run saw is gone")
        raise Failed(what, todo=unknown.todo)
    raise unknown


@check(
    "KEY-FORM",
    _("The object holds an unencrypted RSA private key of 1024 to 2048 bits"),
    _("SES accepts almost any text as a key and then never signs with it."),
    waivable=False,
)
def key_form(seen: Observation) -> Passed:
    """Require a key that SES can use and that receivers can verify.

    Raises:
        Failed: it is none, or has another size.
        Unknown: the object could not be read.
    """
    key = seen.requested.key
    if not isinstance(key, KeyObject):
        raise Unknown(_("KEY-OBJECT says why the object is not known"))
    if key.defect:
        raise Failed(
            _defect(key.defect), todo=_("Store an RSA key of 2048 bits in PEM, unencrypted.")
        )
    if not LEAST_BITS <= key.bits <= MOST_BITS:
        raise Failed(
            _("The key has {bits} bits", bits=key.bits),
            todo=_("Make a key of 2048 bits: SES takes 1024 to 2048."),
        )
    return Passed(_("{form}, {bits} bits", form=key.form, bits=key.bits))


def _defect(name: str) -> Sentence:
    return {
        "empty": _("The object is empty"),
        "encrypted": _("The private key is encrypted with a passphrase"),
        "unreadable": _("The object is no private key, or is cut short"),
        "not-rsa": _("The key is not RSA, and SES takes RSA only"),
        "wide-exponent": _("The public exponent has more than 31 bits, which some receivers "
                           "reject"),
        "too-large": _("The key is larger than SES takes"),
    }.get(name, _("The key is not usable ({defect})", defect=name))  # fmt: skip


@check(
    "KEY-STRENGTH",
    _("The key has 2048 bits"),
    _("Some receivers no longer trust 1024 bits."),
    level="warns",
)
def key_strength(seen: Observation) -> Passed:
    """Recommend 2048 bits (RFC 8301 section 3.2).

    Raises:
        Failed: it has fewer.
        Unknown: the key could not be read.
    """
    bits = key_of(seen).bits
    if bits < MOST_BITS:
        raise Failed(_("{bits} bits", bits=bits), todo=_("Make the next key with 2048 bits."))
    return Passed(_("{bits} bits", bits=bits))


@check(
    "KEY-PAIR",
    _("The private key in S3 and the key record in the secret are one pair"),
    _("The DNS team would publish a key that verifies nothing."),
    waivable=False,
)
def key_pair(seen: Observation) -> Passed:
    """Compare the fingerprint of the stored key with that of the secret's key record.

    Raises:
        Failed: they differ.
        Unknown: one of them could not be read.
        Skipped: the run rolls back and the secret names no record; DNS-PUBLISHED compares with the
            servers.
    """
    key, entry = key_of(seen), seen.requested.entry
    if entry is None:
        if seen.was_at_work:
            raise Skipped(_("A rollback compares the stored key with what the servers publish"))
        raise Unknown(_("SECRET-ENTRY says why the record is not known"))
    try:
        record = parse_key_record(entry.record)
    except BadKeyRecord:
        raise Unknown(_("SECRET-ENTRY says what is wrong with the record")) from None
    if record.sha256 != key.sha256:
        raise Failed(
            _("S3 has {stored}…, the secret has {named}…",
              stored=key.sha256[:16], named=record.sha256[:16]),
            todo=_("Find out which one is right. Then correct the secret or the object."),
        )  # fmt: skip
    return Passed(_("Both are {sha256}…", sha256=key.sha256[:16]))


@check(
    "KEY-SIGNS",
    _("A message signed with the key verifies with every published record"),
    _("A record can look right and still verify nothing."),
)
def key_signs(seen: Observation) -> Passed:
    """Verify a message that the custodian signed, by dkimpy, with the record of every server.

    Raises:
        Failed: a record does not verify it.
        Unknown: there is no such message, or no record.
    """
    key_of(seen)
    side = seen.requested
    records = {"".join(text) for answer in side.answers for text in answer.texts}
    if not side.signed_message or not records:
        raise Unknown(_("There is no record to verify with yet"))
    message = side.signed_message.encode()
    failing = [record for record in records if verify(message, record) != "verified"]
    if failing:
        raise Failed(
            _("{count} of {total} published records do not verify it",
              count=len(failing), total=len(records)),
            todo=_("Have the record of DNS-PUBLISHED published at every server."),
        )  # fmt: skip
    return Passed(_("dkimpy verifies a signed message with what the servers publish"))


@check(
    "KEY-REUSED",
    _("The key belongs to this selector alone, and the selector to this key"),
    _("Two selectors with one key end together; a reused name meets old records in caches."),
)
def key_reused(seen: Observation) -> Passed:
    """Look for the key under other selectors, and for other keys under this selector, in sealed
    runs and in the secret.

    Raises:
        Failed: there is one, or a run retired the selector.
        Unknown: the key could not be read.
    """
    selector = seen.requested.selector
    if retired := seen.history.retired(selector):
        what = _("{name} retired {selector}", name=retired[-1], selector=selector)
        raise Failed(what, todo=NEW_SELECTOR)
    makes_key = seen.store is not None  # prepare: STORE-PLACE judges a key that is there already
    sha256 = seen.requested.key_sha256 if makes_key else key_of(seen).sha256
    if same := other_selectors_of(seen, sha256):
        raise Failed(
            _("{selectors} has the same key", selectors=same),
            todo=_("Make a new key pair: a rotation to the same key changes nothing."),
        )
    if others := seen.history.keys_of(selector) - {sha256}:
        what = _("A signed run saw {selector} with another key, {sha256}…",
                 selector=selector, sha256=min(others)[:16])  # fmt: skip
        raise Failed(what, todo=NEW_SELECTOR)
    return Passed(_("No other selector has it, and {selector} had no other key", selector=selector))


@check(
    "KEY-KNOWN",
    _("A run of this folder gave SES the key that it is waiting for"),
    _("SES never shows its key: a wrong one stays PENDING for 72 hours."),
    level="warns",
)
def key_known(seen: Observation) -> Passed:
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
    if killed := killed_writers(seen):
        return Passed(
            _("{name} was about to set it, by its unsigned journal: a killed run", name=killed[0])
        )
    if is_key_known(seen):
        return Passed(_("A signed run of this folder set it; this run waits for SES"))
    raise Failed(
        _("SES waits for {selector}, and no run of this folder set its key",
          selector=seen.requested.selector),
        todo=_("Apply: the run sets the proved key again."),
    )  # fmt: skip


def other_selectors_of(seen: Observation, key_sha256: str) -> list[str]:
    """Return the other selectors that have a key, by S3, sealed runs, or the secret."""
    named = [(seen.current.selector, seen.current.key_sha256)]
    for run in seen.history.runs:
        named += [(run.selector, run.key_sha256), (run.previous, run.previous_key_sha256)]
    if isinstance(seen.secret, Secret):
        named += [(each.selector, sha256_of(each.record)) for each in seen.secret.entries]
    others = {name for name, sha256 in named if sha256 == key_sha256 != ""}
    return sorted(others - {seen.requested.selector, ""})


def is_key_known(seen: Observation) -> bool:
    """Return whether a run of this folder set the key that SES has for the requested selector.

    A killed run that was about to set it counts too: that stops a second write and permits none.
    """
    if killed_writers(seen):
        return True
    write, side = seen.history.last_write(), seen.requested
    if write is None:
        return False
    return (write.selector, write.key_sha256) == (side.selector, side.key_sha256)


def killed_writers(seen: Observation) -> list[str]:
    """Return the killed runs that were about to set the requested selector with its stored key."""
    side = (seen.requested.selector, seen.requested.key_sha256)
    intended = [run for run in seen.history.unfinished if run.intended_at]
    return [run.name for run in intended if (run.selector, run.key_sha256) == side]
