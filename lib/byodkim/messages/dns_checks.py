"""What each check of DNS, of timing and of the rollback claims, and what to do where one does not pass."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "DNS-PATH": "Authoritative servers can be asked from here, or encrypted resolvers may stand in",
    "DNS-PATH.todo": "Wait until every encrypted resolver gives the key, or run from a network with port 53 open.",
    "DNS-PATH.none": (
        "Run from a network with port 53 open, or name resolvers in encrypted_resolvers of the profile "
        "(https://.../dns-query or tls://...)."
    ),
    "DNS-PATH.no-evidence": (
        "Run from a network with port 53 open; or, where resolvers' word is enough for you, set "
        "encrypted_dns_is_evidence = true in the profile."
    ),
    "DNS-DELEGATION": "The zone and the zone above it name the same name servers, and all hold the zone",
    "DNS-DELEGATION.todo": (
        "Ask the DNS team to bring the registrar's name servers and the zone's NS records together: receivers reach "
        "either set."
    ),
    "DNS-DELEGATION.lame": "Ask the DNS team to configure the zone on that server or to take it out of the delegation: receivers ask it too.",
    "DNS-V6": "IPv6 addresses were asked too",
    "DNS-V6.todo": "Run once from a machine with IPv6, or ask the DNS team to check those addresses.",
    "DNS-RESOLVERS": "Recursive resolvers give the key too",
    "DNS-RESOLVERS.todo": "A resolver may hold an earlier answer until its TTL runs out; look again then.",
    "DNS-DNSSEC": "No resolver rejects the record's DNSSEC signatures",
    "DNS-DNSSEC.todo": (
        "Receivers behind a validating resolver get no key record: they cannot verify any signature, and DMARC may reject "
        "the mail. Ask the DNS team to renew the zone's signatures and to compare its DNSKEY with the parent's DS; "
        "`delv` shows where validation breaks. Then run again."
    ),
    "DNS-ANSWERS": "Every authoritative server answers, with authority",
    "DNS-ANSWERS.todo": "Find out why that server does not answer as it should (network, port 53, delegation); receivers may ask it too.",
    "DNS-ANSWERS.tcp": "The answer does not fit into UDP and TCP port 53 does not get through: have it opened, at that server or here.",
    "DNS-ANSWERS.lame": (
        "Ask the DNS team why that server does not hold the zone (configuration, expired copy, delegation): receivers ask "
        "it too."
    ),
    "DNS-PUBLISHED": "Every authoritative server serves the next key record",
    "DNS-PUBLISHED.todo": "Wait until every server serves the record of the DNS request, or ask the DNS team why one does not.",
    "DNS-PUBLISHED.absent": "Hand the DNS request below to the DNS team and run again when the record is published.",
    "KEY-SIGNS": "A message signed with the next key verifies with every key record there is",
    "KEY-SIGNS.todo": "Mail signed with this key would fail wherever that record is read. Mend the record that is named, and run again.",
    "DNS-PUBLISHED.stale": "Ask the DNS team why that server's copy of the zone is older than the others' (zone transfer, NOTIFY).",
    "DNS-SINGLE": "No server holds more than one TXT record at the name",
    "DNS-SINGLE.todo": "Ask the DNS team to remove all but the record of the DNS request: what receivers take is undefined.",
    "DNS-PLACEHOLDER": "No server serves the console's placeholder",
    "DNS-PLACEHOLDER.todo": "Hand the DNS request below to the DNS team: p=customerProvidedPublicKey is the console's stand-in, not a key.",
    "DNS-CNAME": "A CNAME at the name leads to the key everywhere",
    "DNS-CNAME.todo": "Ask the DNS team to publish the TXT record of the DNS request at the name itself, or the key at the target.",
    "DNS-CNAME.loop": "Ask the DNS team to take the CNAME away and to publish the TXT record of the DNS request.",
    "DNS-WILDCARD": "No wildcard answers for names that do not exist",
    "DNS-WILDCARD.todo": (
        "A wildcard answers for every name, so an answer does not show that this record was made. Ask the DNS team to "
        "take it away, or waive DNS-WILDCARD with what they say."
    ),
    "KEY-FLAGS": "No server serves the key record with t=y or t=s",
    "KEY-FLAGS.todo": (
        "Ask the DNS team to remove the t tag. With t=y (testing) receivers may ignore that a signature fails, and some "
        "treat signed mail as unsigned."
    ),
    "KEY-FLAGS.subdomains": (
        "Mail that SES signs still verifies, also from subdomains: SES sends no i=. Other signers that name a subdomain in "
        "i= fail. Ask the DNS team to remove t=s, unless it is wanted."
    ),
    "TIME-ACTIVATE": "Caches have forgotten what stood there before the record",
    "TIME-ACTIVATE.todo": "Run again at that time, or with -p wait_dns_minutes. Receivers that hold the earlier answer would find no key.",
    "BACK-RECORD": "The current key record is still served everywhere",
    "BACK-RECORD.todo": "Have the current record published again before the switch: without it there is no way back.",
    "BACK-RECORD.silent": "Find out why these servers do not answer, or run again: nobody knows whether they serve the current record.",
    "BACK-CHECKS": "A rollback would pass every check",
    "BACK-CHECKS.todo": "Settle what the named checks say before the switch, while the current selector still works.",
    "BACK-KEY": "The current private key is in the key store and pairs with its record",
    "BACK-KEY.todo": (
        "Find the current private key (the secret's AWSPREVIOUS version, or one of the known layouts in S3): SES never "
        "gives it back, and without it there is no way back."
    ),
}
