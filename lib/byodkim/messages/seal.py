"""Hold what is said of seals and of the keys that make them."""

from __future__ import annotations

from typing import Final

#: How a key comes under ``sealing_keys``, wherever a sentence asks for that.
LINE: Final = "whoever made that run gets the line for it by byodkim archive RECORD"
TEXTS: Final[dict[str, str]] = {
    # a seal that was made
    # a seal that cannot be made
    "make.means": "The run's outcome stands; its record is not sealed.",
    "make.late": "{where} has no electronic signature, and none is made later: it would vouch for whatever the file says by now.",
    "make.late.todo": "Keep the file as it is, compare it with the copy in the notebook and with AWS CloudTrail, and run the same command again: the new run is signed.",
    "make.unwritable": "The seal {where} cannot be written ({reason}).",
    "make.unwritable.todo": "Make room or give write access, then run the same command again: the new run is signed.",
    "left-open": "The signature {where} cannot be written ({reason}), so this run's record stays open and unsigned.",
    "left-open.means": "Whatever the run wrote to SES stands.",
    "left-open.todo": "Make room or give write access, then run the same command again: it reads SES first, does what is missing, and is signed.",
    "make.another": "There is a seal {where} already, and it is not of this journal.",
    "make.another.todo": "Keep it aside, find out where it comes from, and run again.",
    "make.journal": "The journal {where} cannot be read back as it was written ({reason}).",
    "make.journal.todo": "Compare it with the copy in the notebook; find out who changed it.",
    "make.refused": "The sealing key {where} did not sign ({reason}).",
    "make.refused.todo": "See that seal_key names an ECC_NIST_P256 signing key and that kms:Sign and kms:GetPublicKey are allowed on it, then run the same command again: the new run is signed.",
    "key.unreadable": "The sealing key {where} cannot be read or made ({reason}).",
    "key.unreadable.todo": "Give yourself access to the file and its folder, or name another folder with XDG_STATE_HOME, then run the same command again: the new run is signed.",
    "key.open": "Others can read the sealing key {where}, so it proves nothing any more.",
    "key.open.todo": "Set its mode to 0600 if nobody has read it; else move it and its .pub.pem away, and the next run makes another.",
    "key.unusable": "{where} holds no Ed25519 private key that can be used.",
    "key.unusable.todo": "Move it and its .pub.pem away: the next run makes another. Run the same command again: the new run is signed.",
    "key.half": "{where} is not the public half of the sealing key beside it: what that key signs would verify nowhere here.",
    "key.half.todo": "Move it away, and write the right one: openssl pkey -in sealing-key.pem -pubout -out sealing-key.pub.pem. Then run the same command again: the new run is signed.",
    "key.repository": "The sealing key {where} would lie in a git repository.",
    "key.repository.todo": "Name a folder outside with XDG_STATE_HOME, then run the same command again: the new run is signed.",
    # a timestamp that is not had
    "stamp.means": "The run's outcome stands; the record is not timestamped.",
    "stamp.unreachable": "The timestamp authority {where} gave no answer ({reason}).",
    "stamp.unreachable.todo": "Check timestamp_url and the way there; the identity's next run finishes it.",
    "stamp.refused": "What the timestamp authority {where} answered does not verify ({reason}).",
    "stamp.refused.todo": "Check that timestamp_roots holds this authority's root certificate; the identity's next run finishes it.",
    "stamp.roots": "The certificates {where} by which timestamps are judged cannot be read ({reason}).",
    "stamp.roots.todo": "Name a file with the authority's root certificate in PEM as timestamp_roots.",
    "stamp.unwritable": "The timestamp {where} cannot be written ({reason}).",
    "stamp.unwritable.todo": "Make room or give write access; the identity's next run finishes it.",
    "timestamp.false": "The timestamp {where} is none of this seal by an authority that is trusted ({reason}).",
    # a copy that could not be made
    "archive.means": "The run's outcome stands; the archive lacks a copy of its record.",
    "archive.refused": "No copy could be made at {where} ({reason}).",
    "archive.refused.todo": "See that s3:PutObject, s3:GetObject and, with a retention, s3:PutObjectRetention are allowed there; the identity's next run finishes it.",
    "archive.another": "At {where} lies another file than this one.",
    "archive.another.todo": "Nothing was overwritten. Find out who put it there.",
    "archive.unlisted": "A copy was made, but cannot be written down in {where} ({reason}).",
    "archive.unlisted.todo": "Make room or give write access; the identity's next run finishes it.",
    "head.means": "The run's outcome stands; where its head should be published, nothing shows that this run was there.",
    "head.refused": "The run's head could not be published at {where} ({reason}).",
    "head.refused.todo": "See that the place takes it (s3:PutObject, or write access). It is not published later: keep the --head line that byodkim verify prints somewhere else.",
    "head.another": "At {where} lies another head than this run's.",
    "head.another.todo": "Nothing was overwritten. Find out who put it there.",
    "not-closed": "{where} is not the sound journal of a run that has closed.",
    "not-closed.todo": "Run again: the identity's next run says what the one before it left.",
    # a public key that is named
    "public.unreadable": "The public key {where} cannot be read ({reason}).",
    "public.unreadable.todo": "Name a file that is there and may be read, or the key itself, with its kind before the base64: ed25519:... or p256:...",
    "public.unusable": "{where} holds no Ed25519 or P-256 public key in PEM.",
    "public.unusable.todo": "Name a file that begins with BEGIN PUBLIC KEY.",
    "public.text": "{where} is no public key: ed25519: or p256:, then a SubjectPublicKeyInfo in base64.",
    "public.text.todo": "Take the text that the record of a run shows, or the name of a PEM file.",
    # a seal that does not hold
    "check.means": "The journal is not proved to be as the run left it.",
    "check.todo": "Compare journal and seal with a copy from elsewhere.",
    "absent": "There is no seal {where}.",
    "unreadable": "The seal {where} cannot be read ({reason}).",
    "malformed": "The seal {where} is damaged.",
    "unknown-key": "The seal {where} was made with the key {reason}, which is not among the trusted ones.",
    "forged": "The seal {where} does not verify with the key {reason} that it names.",
    "other-run": "The seal {where} is that of another run.",
    "other-journal": "The journal is not the one that the seal {where} was made of.",
    "other-statement": "The seal {where} states what the journal does not say.",
    "unkept": "The record is signed, but its timestamp, a copy of it or its published head is missing.",
    "unkept.means": "The run's outcome stands.",
    "unkept.todo": "Run byodkim archive on this record: it says what is missing and why, and adds it. So does the identity's next run.",
}
