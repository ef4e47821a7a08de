"""Words of ``byodkim approve``."""

from __future__ import annotations

from typing import Final

from second_edition.messages import Plural
from second_edition.messages.seal import LINE

TEXTS: Final[dict[str, str | Plural]] = {
    "unsigned": "Nothing was signed.",
    "no-journal": "{path} holds no account of a run.",
    "no-journal.todo": "Keep the journal beside the record, or ask for another plan run.",
    "procedure": "{path} is a plan of {procedure}, which needs no approval: it changes nothing that mail is signed with.",
    "procedure.todo": "Approve the plan of rotate.",
    "unplanned": "The run of {path} is {outcome}: only a plan run that came to its end (PLANNED) can be approved.",
    "unplanned.todo": "Follow what its record says under Next, or ask for another plan run.",
    "nothing": "The plan of {path} writes nothing, so there is nothing to approve.",
    "nothing.todo": "An apply run needs no approval here.",
    "name": "{name} can't be an approver's name: 1 to 40 lower-case letters, digits and inner hyphens.",
    "name.todo": "Name the approver with --name, as byodkim.toml does.",
    "private-key": "The comment holds what looks like a private key or part of one.",
    "private-key.todo": "Treat that key as disclosed and rotate to another pair. Approve again with another comment.",
    "exists": "{path} exists already: {name} has approved this plan, with this key or another one.",
    "exists.todo": "One approval of each person is enough. It counts where byodkim.toml lists {name} with the key that made it; the record of the plan has the command that applies the plan. If it was a mistake, move that file away and approve again. If {name} is not you, give your own --name.",
    "owner": "[{profile}] of {file} lists this key as {owner}'s, not as {name}'s.",
    "owner.todo": "Give your own name with --name and your own key with --key.",
    "other-key": "[{profile}] of {file} lists {name} with another key than this one, so a run would refuse the approval.",
    "other-key.todo": "Give your own key with --key. Where you have a new one, have it listed first: byodkim approve --name {name} shows the line.",
    "unwritable": "{path} cannot be written ({reason}).",
    "unwritable.todo": "Mend that, and approve again.",
    "declined": "Not approved. Nothing was signed.",
    "ask": "Approve plan {digest} as {name}? Type yes: ",
    "made": "A key was made for {name}: {path}. Only its public half is for others: {public}",
    "approved": "{name} has approved plan {digest}: {path}",
    "unlisted": "Warning: [{profile}] of {file} does not list {name} with this key (approvers: {known}), so a run refuses the approval. Have this listed there, after review; the record of the plan has the command that applies it.",
    "unlisted.unasked": "The plan asks for no approval (approvals = 0): the command in its record applies it without one. This approval does not count, as [{profile}] of {file} does not list {name} with this key (approvers: {known}), and a run that is given it is refused. Delete it, or have this listed there, after review.",
    "campaign": Plural(
        "One approval switches {count} identity, as {operator} planned it (key: {signer}). With waived checks: {waived}.",
        "One approval switches {count} identities, as {operator} planned them (key: {signer}). With waived checks: {waived}.",
    ),
    "stranger": "Warning: that key is neither your own nor one of sealing_keys in {file}. An apply run refuses the plan (FLEET-PLAN) unless it runs where the plan was signed, or that key is listed: "
    + LINE
    + ". See first what byodkim verify says of the plan.",
    "stranger.kms": "Warning: {signer} is neither your own key nor one of sealing_keys in {file}. It may be the one in KMS (seal_key), which was not asked. If it is another one, an apply run refuses the plan (FLEET-PLAN) unless it runs where the plan was signed, or that key is listed. See first what byodkim verify says of the plan.",
    "entry": "Add this to the approvers that {file} has, in place of any other key of {name} (within approvers = {{ }}, without approvers.):",
    "too-few": "Approvals so far: {count} of {needed}. Whoever gives the last one is shown the command that applies the plan.",
    "from": "Not before {until}: until then TIME-ACTIVATE refuses it.",
    "apply": (
        "It is applied with:\n\n  {command}\n\n"
        "The approval counts for {days} days from now, and serves one run that writes."
    ),
    "apply.fleet": (
        "It is applied with:\n\n  {command}\n\n"
        "The approval counts for {days} days from now, and serves every run that carries out this plan until it is complete."
    ),
    "passphrase": "Passphrase of {path}: ",
    "passphrase.choose": "Passphrase for the new key {path} (empty: none): ",
    "passphrase.again": "Once more: ",
    "passphrase.differ": "The two passphrases differ.",
    "passphrase.differ.todo": "Start again.",
    "passphrase.none": "No passphrase was given: there is no terminal to ask at.",
    "passphrase.none.todo": "Run the command in a terminal, or make a key without a passphrase with --yes.",
    "key.unwritable": "The approver's key {path} cannot be written ({reason}).",
    "key.unwritable.todo": "Name another file with --key.",
    "key.unreadable": "The approver's key {path} cannot be read ({reason}).",
    "key.unreadable.todo": "Name your key with --key.",
    "key.open": "Others than its owner can read or write the approver's key {path}.",
    "key.open.todo": "If anybody may have copied it, make another key; else take the permissions away with chmod 600.",
    "key.unusable": "{path} holds no Ed25519 private key.",
    "key.unusable.todo": "Name your key with --key.",
    "key.passphrase": "That is not the passphrase of {path}.",
    "key.passphrase.todo": "Try again.",
}
