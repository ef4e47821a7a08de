"""Claims and remedies of the checks. ``ID`` is the claim, ``ID.todo`` the remedy, ``ID.<case>`` a remedy of its own."""

from __future__ import annotations

from typing import Final

from byodkim.messages import dns_checks, prepare, retire_checks, rewriting

TEXTS: Final[dict[str, str]] = {
    "SES-ACCOUNT": "The credentials belong to the account that the profile names",
    "SES-ACCOUNT.todo": "Sign in to the account that the profile names, or choose the profile of this account.",
    "SES-ACCOUNT.unnamed": 'Write account = "<12 digits>" into this section of byodkim.toml, so that a run in another account is refused.',
    "SES-REGION": "The run acts in the Region that the profile names",
    "SES-REGION.todo": "Choose the profile of this Region, or take -p region out.",
    "SES-REGION.unnamed": 'Write region = "..." into this section of byodkim.toml, or give -p region.',
    "TIME-CLOCK": "This clock and AWS's are at most five minutes apart",
    "TIME-CLOCK.todo": "Set this machine's clock (NTP): the times in the record would be wrong and AWS refuses signatures.",
    "SES-EXISTS": "The identity exists in this account and Region, as a domain",
    "SES-EXISTS.todo": "Check domain, account and Region; each Region has its own identities.",
    "SES-EXISTS.throttled": "SES throttled this read: too many calls in this account and Region. Wait a minute, then run again.",
    "SES-ORIGIN": "The identity signs with your own key (EXTERNAL)",
    "SES-ORIGIN.todo": "Only identities whose signing origin is EXTERNAL are rotated here.",
    "SES-ORIGIN.easy": "This identity is on Easy DKIM: SES rotates its keys itself. Moving it to BYODKIM is a change of its own.",
    "SES-ORIGIN.replica": "This identity replicates the Easy DKIM of another Region: change it there.",
    "SES-SIGNING": "DKIM signing is switched on",
    "SES-SIGNING.todo": (
        "Mail goes out unsigned now. Find out who switched signing off and why, switch it on (aws sesv2 "
        "put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled), then run the same command again."
    ),
    "PLAN-CHANGE": "The selector in use is known",
    "PLAN-CHANGE.todo": (
        "SES shows no single selector, so this run cannot tell whether the next one stands already. Look at the s= of a "
        "message sent just now; if it is another selector, waive PLAN-CHANGE, BACK-RECORD and BACK-KEY with that as the "
        "reason."
    ),
    "PLAN-LOCK": "Nobody else is applying a plan to this identity now",
    "PLAN-LOCK.todo": (
        "Wait until the run that is named has closed, or ask its operator; then run again. A lock whose holder has died "
        "is taken over."
    ),
    "PLAN-APPROVED": "The plan that is applied is the one that was approved, by as many people as the profile asks for",
    "PLAN-APPROVED.todo": "Have the record of a plan run approved (byodkim approve RECORD.ipynb), then apply with -r approved and that run's id.",
    "PLAN-APPROVED.unsound": (
        "Name only the good approvals (-r approved FILE,FILE), or move that file away: a run's id takes every approval beside "
        "its record. Find out where it came from; approvers and their keys stand in byodkim.toml."
    ),
    "PLAN-APPROVED.twice": "Give one approval of each person; another approver's is needed where one is missing.",
    "PLAN-APPROVED.another": "Give the approval of a plan for this identity, selector, account and Region.",
    "PLAN-APPROVED.drift": "Look at what has changed. Where it is as it should be, make a plan run again and have it approved anew.",
    "PLAN-APPROVED.renew": (
        "Make a plan run and have it approved anew: an approval serves one run that writes, within approvals_valid_days "
        "of byodkim.toml."
    ),
    "PLAN-APPROVED.ahead": "Find out whether the approver's clock or this machine's is wrong; then have the plan approved anew.",
    "RECORD-SEALED": "The record of this run can be written and sealed",
    "RECORD-SEALED.todo": "Mend what is named, then run again.",
    "RECORD-SEALED.key": (
        "Give access to the sealing key and its folder, or name a folder outside of any git repository with XDG_STATE_HOME; for "
        "a key in KMS allow kms:Sign and kms:GetPublicKey on it. Then run again."
    ),
    "RECORD-SEALED.folder": "Make room in the folder of the record, or give write access to it; then run again.",
    "RECORD-COPIED": "The timestamp authority answers, and the archive takes the record's copies",
    "RECORD-COPIED.todo": "Mend what is named, then run again; or waive it with the reason: the identity's next run makes up for it.",
    "RECORD-COPIED.timestamp": (
        "Check timestamp_url, timestamp_roots and the way there, then run again; or waive it with the reason: the identity's "
        "next run fetches the timestamp."
    ),
    "RECORD-COPIED.archive": (
        "Check archive_s3 and the permissions on it (byodkim policy), then run again; or waive it with the reason: the "
        "identity's next run makes the copies."
    ),
    "RECORD-COPIED.heads": (
        "Mount the disk of heads_file or give write access to it, then run again; or waive it with the reason: the run's head "
        "is published nowhere then."
    ),
    "FLEET-PLAN": "What the campaign carries out is the plan that a plan run showed, unaltered, with the same pace",
    "FLEET-PLAN.todo": "Make a plan run (byodkim fleet without -p mode apply), then apply with -r approved and that run's id.",
    "FLEET-APPROVED": "The campaign's plan was approved by as many people as the profile asks for",
    "FLEET-APPROVED.todo": "Have the plan run's record approved (byodkim approve RECORD.ipynb); its one approval covers every identity in it.",
    "SECRET-SHAPE": "The secret names selector and dns_record.value, and holds no private key",
    "SECRET-SHAPE.todo": "Give the role secretsmanager:GetSecretValue on the secret, and check secret_id.",
    "SECRET-SHAPE.not-json": "Let the generator write the secret again: it must be one JSON document.",
    "SECRET-SHAPE.binary": "Let the generator write the secret again: JSON, in SecretString or as the bytes of SecretBinary.",
    "SECRET-SHAPE.no-entry": "Let the generator write the secret again, with selector, dns_record.value and s3_key_path.",
    "SECRET-SHAPE.private-key-inside": "Treat that private key as disclosed: make a new key pair, and write only public values into the secret.",
    "SECRET-STAGE": "The secret is not in the middle of a rotation",
    "SECRET-STAGE.todo": "Let the generator finish (AWSPENDING becomes AWSCURRENT), or take the stray label off; then run again.",
    "SECRET-SELECTOR": "The secret names the selector asked for, once",
    "SECRET-SELECTOR.todo": "Ask for the selector that the secret names, or let the generator make this one.",
    "SECRET-SELECTOR.spelled": "Ask for the selector as the secret spells it: to SES, upper and lower case are two selectors; to DNS, one name.",
    "SECRET-SELECTOR.pair": (
        "Do not have this selector generated again: its stored key and the record that is served are one pair, and that "
        "would destroy it. For a rollback, run where the archive shows that the selector was in use (an output path beside "
        "those records), or put its entry back into the secret."
    ),
    "SECRET-SELECTOR.elsewhere": "Ask for a selector of this domain, or run for the domain that the entry names.",
    "SECRET-RECORD": "The secret's key record is valid and not a placeholder",
    "SECRET-RECORD.todo": "Look at the secret's checks above.",
    "SECRET-RECORD.defect": "Let the generator write dns_record.value again; do not send this value to the DNS team.",
    "STORE-OBJECT": "Exactly one key object belongs to the selector",
    "STORE-OBJECT.todo": "Check s3_key_path in the secret, key_bucket, and s3:GetObject and s3:ListBucket of the role.",
    "STORE-OBJECT.ambiguous": "Write the path of the right object into the secret's s3_key_path: nothing is guessed here.",
    "STORE-OBJECT.two-buckets": "Find out which bucket is right. Then correct s3_bucket or s3_key_path in the secret, or key_bucket.",
    "STORE-VERSION": "The bucket keeps versions",
    "STORE-VERSION.todo": "Switch versioning on: without it, a record cannot name the very object that was used.",
    "STORE-NEWER": "The key object is not newer than the secret that names it",
    "STORE-NEWER.todo": (
        "Find out who stored that object and why. If it is the right key, let the generator write the secret again, or "
        "waive STORE-NEWER with what you found."
    ),
    "KEY-FORM": "The object holds an unencrypted RSA private key",
    "KEY-FORM.todo": "Store the key again whole, as PEM (PKCS#1 or PKCS#8) or as base64 DER without headers.",
    "KEY-SIZE": "SES takes the key's size (1024 to 2048 bits)",
    "KEY-SIZE.todo": "Make an RSA key pair of 2048 bits.",
    "KEY-STRENGTH": "The key has 2048 bits",
    "KEY-STRENGTH.todo": "Make the next key pair with 2048 bits.",
    "KEY-FILES": "No private key file of the manual procedure is left on this machine",
    "KEY-FILES.todo": "Delete these files, and empty the trash. If a backup or anyone else may have a copy, make a new key pair.",
    "KEY-PAIR": "S3's private key and the secret's public key are one pair",
    "KEY-PAIR.todo": (
        "Mail signed with this private key would not verify against the published record. Find out which of the two is "
        "stale; make the pair again if in doubt."
    ),
    "KEY-REUSED": "The next key is no other selector's",
    "KEY-REUSED.todo": "Make a new key pair for the next selector: another name for the same key is no rotation.",
    "KEY-REUSED.spelled": "Ask for the selector in that spelling, and have the secret spell it so: another spelling is no rotation.",
    "KEY-SELECTOR": "The selector was never used with another key",
    "KEY-SELECTOR.todo": (
        "Choose a selector that was never used: receivers may still have the earlier key record in their caches, and mail "
        "signed with it is still on its way."
    ),
    **dns_checks.TEXTS,
    **prepare.CHECKS,
    **retire_checks.CHECKS,
    **rewriting.CHECKS,
}
