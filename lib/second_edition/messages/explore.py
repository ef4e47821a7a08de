"""Words of who explores, in a notebook or by ``byodkim inventory``: identities, key records, due dates."""

from __future__ import annotations

from typing import Final

from second_edition.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    "untouched": "Nothing was written.",
    # What cannot be read or found
    "unread": "AWS could not be read: {operation} failed ({code}: {message}).",
    "unread.permission": "Have {operation} allowed for this role, as byodkim policy explore prints it, or sign in as one that may read it.",
    "unread.other": "Call it again; if it goes on, check aws_profile, Region and endpoint_url.",
    "no-text": "What was given is no text (its type is {kind}).",
    "no-text.todo": 'Put one text between quotation marks, such as "example.jp"; ask for several one at a time.',
    "no-number": "most is no whole number (its type is {kind}).",
    "no-number.todo": "Give it without quotation marks, such as world.identities(most=500).",
    "no-domain": "No identity is named, and the profile names none.",
    "no-domain.todo": 'Name one, such as world.identity("example.jp"), or set domain in byodkim.toml.',
    "no-identity": "SES knows no identity {domain} in the account {account} and the Region {region}.",
    "no-identity.todo": "Each Region has identities of its own: look at world.identities(), or open another Region.",
    "no-selector": "SES does not say which one selector {domain} signs with.",
    "no-selector.todo": 'Name the selector, such as world.record("mail-20261124-1").',
    "no-next": "The secret {secret} names no selector ({names}).",
    "several-selectors": "The secret {secret} names several selectors that are not in use: {names}.",
    "name-selector": 'Name the one that is meant: -r selector NAME for papermill, selector="NAME" in explore.open.',
    "no-secret": "The profile does not say which secret names the keys of {domain}. Open the profile of that identity, or give secret_id and key_bucket.",
    "no-record": "What was given is no key record: nothing in it has the form of one.",
    "no-record.todo": "Give the TXT value (v=DKIM1; k=rsa; p=...), a line of a zone file, dig's answer or a row of a request sheet.",
    "several-records": "What was given holds {count} key records.",
    "several-records.todo": "Give them one at a time.",
    "private": "What was given holds a PRIVATE key, of which nothing is shown. Whoever can read this notebook can sign mail as this domain.",
    "private.todo": "Clear the cell and this notebook's outputs, treat the key as disclosed, and rotate to a new key pair.",
    "closed": "This session ({place}) has ended; nothing was read. Open another: world = explore.open(...).",
    # Who and where
    "reads-only": "This session reads and cannot write: its custodian was started without any operation that does.",
    "other-account": "This is the account {here}; the profile is about {meant}.",
    "other-region": "This is the Region {here}; the profile is about {meant}. Each Region has identities of its own.",
    # The inventory
    "duration": "Identities that are domains: {all}. Reading {read} of them takes about {span}, as SES answers {rate} calls a second.",
    "duration.none": "Identities that are domains: {all}. Reading {read} of them.",
    "inventory.more": "The first {read} of {all} were read. world.identities(most={all}) reads all of them.",
    "inventory.addresses": "Identities that are email addresses: {count}. They are not listed, and SES was not asked about them. An address inherits its domain's DKIM, unless its own setting overrides that: see aws sesv2 get-email-identity.",
    "bits-by.ses": "SES",
    "bits-by.dns": "the key record in DNS",
    "made-by.ses": "SES: last key generation",
    "made-by.object": "the key object's LastModified",
    "made-by.archived-object": "the key object, as an archived run saw it",
    "made-by.archived-use": "first use in an archived run",
    # The key store
    "store.defect": "The secret's version {stage} cannot be understood ({defect}).",
    # A key record in DNS
    "record.one-key": Plural(
        "The {count} address serves one key for {name}.",
        "Each of the {count} addresses serves one and the same key for {name}.",
    ),
    "record.not-one": Plural(
        "The {count} address serves no sound key for {name}.",
        "The {count} addresses do not all serve one sound key for {name}.",
    ),
    # Where a key record that is explained is from
    "origin.given": "As it was given.",
    "origin.secret": "The value that the secret {secret} holds for {selector}.",
    # What rotate would see
    "rotation.refused": "WOULD BE REFUSED",
    "rotation.refused.means": "A run to {selector} would be refused now: checks that stop it: {count}.",
    "rotation.planned": "WOULD BE PLANNED",
    "rotation.planned.means": "A run would plan to switch from {current} to {selector}: every check that blocks passes now.",
    "rotation.unchanged": "NOTHING TO CHANGE",
    "rotation.unchanged.means": "SES has {selector} already: a run would write nothing.",
    "rotation.checks": "Every check, as it stands now",
    # Due dates
    "lead.measured": "DNS is expected to take {span}: the longest time from a first request until every server was seen to serve the record, at least a day. Requests measured: {requests}, in {runs} runs.",
    "lead.assumed": "DNS is expected to take {span}: no run has measured it (requests: {requests}, runs: {runs}).",
    "due.unknown": "The age of the key of {domain} is not known: neither SES, nor its key object, nor the archive has it.",
    "urgency.fine": "NOT YET DUE",
    "urgency.fine.means": "{domain}: the DNS team must be asked by {start}, and the key be out of use by {by}; {left} days are left.",
    "urgency.warned": "DUE SOON",
    "urgency.warned.means": "{domain}: the DNS team must be asked by {start}, and the key be out of use by {by}; {left} days are left.",
    "urgency.late": "BEGIN NOW",
    "urgency.late.means": "{domain}: the DNS team should have been asked by {start}. The key must be out of use by {by}, in {left} days.",
    "urgency.overdue": "OVERDUE",
    "urgency.overdue.means": "{domain}: the key should have been out of use by {by}, {left} days ago (the DNS team asked by {start}).",
    "due.start": "the DNS team must have the request ({span} before the end)",
    # Calls
    "calls": "AWS calls of this session: {count}. All of them are reads.{others}",
    "calls.others": "AWS calls of this session: {count}. Not all of them are reads: {others}. This must not happen: report it to whoever maintains byodkim.",
    # byodkim inventory
    "listing": "Listing identities: {count} so far.",
    "progress": "{rows} of {all} identities; {left}",
    "left": "about {time} left.",
    "left.unknown": "how long the rest takes is not known yet.",
    "resumed": "Resuming the inventory begun at {at}: {rows} identities are known already ({path}).",
    "taken": "Identities of {place} that were looked at: {rows}. All of it is in {path}.",
    "stopped": "What is known so far is kept in {path}; the same command goes on from there within a day. Nothing was changed in AWS or DNS.",
    "unwritable": "The inventory cannot be kept at {path} ({reason}).",
    "csv": "{path} cannot be written ({reason}).",
    "unwritable.means": "Nothing was changed in AWS or DNS.",
    "unwritable.todo": "Make room or give yourself access, or name another folder with --archive (another file with --csv).",
    "record.unasked": "not asked: no selector of its own",
    "record.differ": "servers differ",
    "record.partly": "not known at some servers",
    "record.unfound": "name servers not found",
}
