"""Words on what to do where a check does not pass and its usual remedy is not it: its ID, and after a dot the case."""

from __future__ import annotations

from typing import Final

from byodkim.messages.seal import LINE

TEXTS: Final[dict[str, str]] = {
    "BACK-RECORD.silent": "Find out why these servers do not answer, or run again: nobody knows whether they serve the current record.",
    "DNS-ANSWERS.lame": "Ask the DNS team why that server does not hold the zone (configuration, expired copy, delegation): receivers ask it too.",
    "DNS-ANSWERS.tcp-blocked": "The answer does not fit into UDP and TCP port 53 does not get through: have it opened, at that server or here.",
    "DNS-CNAME.loops": "Ask the DNS team to take the CNAME away and to publish the key record as TXT.",
    "DNS-DELEGATION.lame": "Ask the DNS team to configure the zone on that server or to take it out of the delegation: receivers ask it too.",
    "DNS-DNSSEC.undecided": "Run again. If it stays so, find out why these resolvers answer SERVFAIL (`delv` shows where validation breaks), or name others in resolvers of the profile.",
    "DNS-PATH.none": "Run from a network with port 53 open, or name resolvers in encrypted_resolvers of the profile (https://.../dns-query or tls://...).",
    "DNS-PATH.uncounted": "Run from a network with port 53 open; or, where resolvers' word is enough for you, set encrypted_dns_is_evidence = true in the profile.",
    "DNS-PUBLISHED.absent": "Have the key record of {selector} published, then run again.",
    "DNS-PUBLISHED.several": "Waiting does not help: several TXT records stand at the name. Have only the record with the stored key left there: byodkim publish touches none of several.",
    "DNS-PUBLISHED.stale": "Ask the DNS team why that server's copy of the zone is older than the others' (zone transfer, NOTIFY).",
    "DNS-WILDCARD.untold": "Run again. If it stays so, ask the DNS team why these servers do not answer for other names: a wildcard there would answer for a record that was never published.",
    "DNS-RESOLVERS.silent": "Nothing is known of what receivers behind these resolvers get. Run again. If it stays so, see whether this machine may ask them, or name others in resolvers of the profile.",
    "KEY-FLAGS.subdomains": "Mail that SES signs still verifies, also from subdomains: SES sends no i=. Other signers that name a subdomain in i= fail. Ask the DNS team to remove t=s, unless it is wanted.",
    "KEY-REUSED.spelled": "Ask for the selector in that spelling, and have the secret spell it so: another spelling is no rotation.",
    "MESSAGE-ARRIVED.before": "A message from before the write proves nothing of the switch. Send one now, and verify that one.",
    "MESSAGE-ARRIVED.undated": "It may be from before the write, and so proves nothing. Verify one that has a Date, as it was received.",
    "MESSAGE-FROM.beside": "Look at the DMARC result in the message's Authentication-Results, or take a message from the signing domain itself.",
    "MESSAGE-FROM.unread": "This says nothing of SES. See the DMARC result in Authentication-Results, or verify a message from a plain address.",
    "MESSAGE-SIGNED.left": "SES still signs with the selector that was left. Keep both key records published, and send another message in a few minutes.",
    "MESSAGE-SIGNED.none": "Mail goes out without the domain's signature. See whether signing is enabled for the address it is sent from: an address or a subdomain that is verified on its own has settings of its own.",
    "MESSAGE-SIGNED.not-ses": "SES did not send this message, unless its own signature, of amazonses.com, was removed on the way. Find out who signs with the selector that was left. If nobody should, its key has leaked: have the key revoked, or leave it so. Verify a message that was sent through this identity.",
    "MESSAGE-SIGNED.other": "The message is signed for another domain. Take one that was sent from the signing domain, through this identity.",
    "MESSAGE-VERIFIES.beside": "Receivers accept the message for its valid signature. Verify another message that was sent once and not relayed.",
    "MESSAGE-VERIFIES.from-not-signed": "Receivers reject a signature whose h= lacks From (RFC 6376 section 6.1.1), and From may be forged. SES signs From: find out who signed.",
    "MESSAGE-VERIFIES.identity-below": "The key record holds t=s, so i= must name the signing domain itself. Remove s from t=, or correct the signer's i=.",
    "MESSAGE-VERIFIES.partial-body": "Text may have been appended after signing. SES sets no l=: find out who signed, and verify another message.",
    "MESSAGE-VERIFIES.unasked": "Have it verified again from where every authoritative server can be asked: byodkim message RECORD.ipynb received.eml.",
    "MESSAGE-VERIFIES.unread": "This says nothing of SES. Verify another message, with a plain header (no blank before a colon).",
    "FLEET-PLAN.unsealed": "See what byodkim verify says of it. Where a colleague planned it, list their key under sealing_keys in byodkim.toml: "
    + LINE
    + ". Else make a plan run of your own, and have it approved.",
    "PLAN-APPROVED.ahead": "Find out whose clock is wrong, the approver's or this machine's. Then have the plan approved anew.",
    "PLAN-APPROVED.changed": "Look at what has changed. Where it is as it should be, make a plan run again and have it approved anew.",
    "PLAN-APPROVED.other": "Give the approval of a plan for this identity, selector, account and Region.",
    "PLAN-APPROVED.overtaken": "Read in that run's record why it wrote. If the switch is still wanted, make a new plan run of the campaign: this plan does not write to this identity any more.",
    "PLAN-APPROVED.renew": "Make a plan run and have it approved anew: an approval serves one run that writes, within approvals_valid_days of byodkim.toml.",
    "PLAN-APPROVED.replaced": "Find out who set it, and whether they meant to. If the switch is still wanted, make a new plan run of the campaign: this plan does not write to this identity any more.",
    "PLAN-APPROVED.twice": "Give one approval of each person; another approver's is needed where one is missing.",
    "PLAN-APPROVED.unbegun": "Give the campaign's own command again (byodkim fleet -p mode apply): it begins the runs of its identities. To switch this identity alone, make a plan run of it, and have that approved where approvals are needed.",
    "PLAN-APPROVED.unsound": "Name only the good approvals (-r approved FILE,FILE), or move that file away: a run's id takes every approval beside its record. Find out where it came from; approvers and their keys stand in byodkim.toml.",
    "PLAN-SELECTOR.in-use": "Name another selector, or none: then the one that comes after it is prepared.",
    "PLAN-SELECTOR.unknown": "Name the selector to prepare with -r selector: SES does not say which one is in use, so that none follows from it.",
    "RECORD-COPIED.archive": "Check archive_s3 and the permissions on it (byodkim policy), then run again; or waive it with the reason: the identity's next run makes the copies.",
    "RECORD-COPIED.heads": "Mount the disk of heads_file or give write access to it, then run again; or waive it with the reason: the run's head is published nowhere then.",
    "RECORD-COPIED.timestamp": "Check timestamp_url, timestamp_roots and the way there, then run again; or waive it with the reason: the identity's next run fetches the timestamp.",
    "RECORD-SEALED.folder": "Make room in the folder of the record, or give write access to it; then run again.",
    "RECORD-SEALED.key": "Where the sealing key would lie in a git repository, set XDG_STATE_HOME to a folder outside of any; where its public half is another key's, move that away and write the right one (openssl pkey -in sealing-key.pem -pubout -out sealing-key.pub.pem); otherwise give access to the key and its folder, or for a key in KMS allow kms:Sign and kms:GetPublicKey on it. Then run again.",
    "SECRET-ENTRY.correct": "Correct the secret, or let the generator add the selector. Nothing was written.",
    "SECRET-ENTRY.field": "prepare copies an entry's fields, and may not copy what belongs to the old key. It renews fields that hold that key's selector, record name, value, path, public key (PEM or base64) or SHA-256, and by name created_at, expires_at (ISO 8601 or seconds) and key_size. Write the fields so. Take one out only if nothing reads it; else let the generator add the selector. Nothing was written.",
    "SECRET-ENTRY.lost": "The secret names a key that is not there: find it (an earlier version of the bucket's object), or prepare another selector.",
    "SECRET-RECORD.invalid": "Let the generator write dns_record.value again; do not send this value to the DNS team.",
    "SECRET-SELECTOR.elsewhere": "Ask for a selector of this domain, or run for the domain that the entry names.",
    "SECRET-SELECTOR.served": "Do not have this selector generated again: its stored key and the record that is served are one pair, and that would destroy it. For a rollback, run where the archive shows that the selector was in use (an output path beside those records), or put its entry back into the secret.",
    "SECRET-SELECTOR.spelled": "Ask for the selector as the secret spells it: to SES, upper and lower case are two selectors; to DNS, one name.",
    "SECRET-SELECTOR.twice": "Find out which of the entries is right, and take the other one out of the secret: nothing is guessed here.",
    "SECRET-SELECTOR.two-values": "dns_record and dns_record.value stand side by side and differ. Find out which value is that of the key in S3, and take the other one out.",
    "SECRET-SHAPE.binary": "Let the generator write the secret again: JSON, in SecretString or as the bytes of SecretBinary.",
    "SECRET-SHAPE.no-entry": "Let the generator write the secret again, with selector, dns_record.value and s3_key_path.",
    "SECRET-SHAPE.no-path": "Write the key object's path into s3_key_path of the entry, or leave the field out: then the known layouts are looked through.",
    "SECRET-SHAPE.not-json": "Let the generator write the secret again: it must be one JSON document.",
    "SECRET-SHAPE.private-key-inside": "Treat that private key as disclosed: make a new key pair. Write only public values into the secret until that version has no stage label left: AWSCURRENT first becomes AWSPREVIOUS; take AWSPENDING off it with aws secretsmanager update-secret-version-stage.",
    "SECRET-SHAPE.unlike-selector": "Read selector in the secret. If a piece of a key stands there, make a new key pair; else write the selector there.",
    "SECRET-SHAPE.unlike-path": "Read s3_key_path in the secret. If a piece of a key or a signed URL stands there, make a new key pair; else write the object's key there, or s3://bucket/key.",
    "SECRET-SHAPE.unlike-bucket": "Read s3_bucket in the secret. If a piece of a key stands there, make a new key pair; else write the bucket's name there.",
    "SES-ACCOUNT.unnamed": 'Write account = "<12 digits>" into this section of byodkim.toml, so that a run in another account is refused.',
    "SES-ORIGIN.easy": "This identity is on Easy DKIM: SES rotates its keys itself. Moving it to BYODKIM is a change of its own.",
    "SES-ORIGIN.replica": "This identity replicates the Easy DKIM of another Region: change it there.",
    "SES-REGION.unnamed": 'Write region = "..." into this section of byodkim.toml, or give -p region.',
    "SES-SIGNING.off": "Mail goes out unsigned now. Find out who switched signing off and why, switch it on (aws sesv2 put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled), then run the same command again.",
    "SES-UNUSED.arriving": "Run again after {until}. Until then keep its key record published: SES may still change to it.",
    "SES-UNUSED.unread": "Let this operator read the identity there (ses:GetEmailIdentity). Where the AWS profile is missing, make it: aws configure sso. Where its sign-in has expired: aws sso login.",
    "STORE-OBJECT.ambiguous": "Write the path of the right object into the secret's s3_key_path: nothing is guessed here.",
    "STORE-OBJECT.two-buckets": "Find out which bucket is right. Then correct s3_bucket or s3_key_path in the secret, or key_bucket.",
    "KEY-RETIRED.unsigned": "Run {run} saw SES sign with it after that, but no trusted key signed that run, so it does not count. Where it is your team's, list the key that signed it under sealing_keys, the one of your own seal_key too ("
    + LINE
    + "), and run the same command again. Else prepare a new selector.",
    "TIME-ACTIVATE.early": "Run again after {until}, or with -p wait_dns_minutes {minutes}. Receivers that hold the earlier answer would find no key. Only runs that a trusted key signed, and that asked every server that this one asked, tell since when it is served: for a colleague's, list their key under sealing_keys: "
    + LINE
    + ".",
    "TIME-ACTIVATE.silent": "Find out why these servers do not answer, or run again: receivers that asked them may hold that there is no record, and would find no key.",
    "TIME-OVERLAP.early": "Wait until {until}: mail that was signed with it may still be on its way. Only runs that a trusted key signed count: for a colleague's, list their key under sealing_keys: "
    + LINE
    + ". Where you know that SES never signed with it, or since when it has not, waive it with the reason.",
}
