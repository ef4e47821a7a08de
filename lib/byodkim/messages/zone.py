"""Words about a change of a key record, in records and in errors."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    # the plan
    "plan.publish": "What would change in DNS, and nothing else",
    "plan.revoke": "What would change in DNS: the key is revoked (its record stays, with an empty p=)",
    "plan.remove": "What would change in DNS: the record goes",
    "plan.stands": "{name} stands in {zone} as wanted: nothing is to be written.",
    "plan.gone": "No TXT record stands at {name} in {zone}: there is nothing to do.",
    "publisher.route53": "Route 53, hosted zone {where}",
    "publisher.rfc2136": "dynamic update (RFC 2136) at {where}",
    "publisher.request": "request: the DNS team publishes by the sheet, nothing is written from here",
    "publisher.octodns": "octodns: the DNS team applies the YAML, nothing is written from here",
    # the write
    "written.resolved": "The answer to the write was unclear ({code}); read back at {at}: it was applied.",
    "written.settled": "Route 53 says INSYNC, {seconds} s after the write.",
    "written.unsettled": "Route 53 had not said INSYNC {seconds} s after the write.",
    # the proof
    "proof": "Asked at every authoritative server",
    "proof.waiting": "{good} of {all} addresses serve it now; asked again and again until {until}.",
    # in the timeline of a run
    "event.observed": "saw how things stand before the write",
    "event.zone-read": "read what stands at the key record's name",
    "event.zone-planned": "DNS change planned",
    "event.zone-intent": "about to write to DNS",
    "event.zone-answer": "answer to the write to DNS",
    "event.zone-resolved": "the write to DNS read back",
    "event.zone-settled": "waited for Route 53",
    "event.zone-polled": "asked every authoritative server",
    "event.zone-proved": "proof at every authoritative server",
    # refusals
    "unwritten": "DNS was not written; mail is signed and verified as before.",
    "refused.cname": "At {name} stands {other}: no TXT record may stand beside it.",
    "refused.cname.todo": "Have the CNAME taken away, or the record published where it leads.",
    "refused.policy": "At {name} stands {other}: what such records answer depends on who asks, and they are not written from here.",
    "refused.policy.todo": "Replace it by one simple TXT record set in the Route 53 console, then look again.",
    "refused.several": "{count} TXT records stand at {name}; a key record must stand alone (RFC 6376 section 3.6.2.2).",
    "refused.several.todo": "Find out whose they are and have all but one removed by hand.",
    "refused.another": "Another TXT record stands at {name}: {value}.",
    "refused.another.todo": "Find out who relies on it. Where it may go, name that very value: -r replace VALUE.",
    "refused.differ": "The authoritative servers do not agree on what stands at {name}.",
    "refused.differ.todo": "Wait until all of them have the same zone, then look again.",
    # what could not be read or written
    "refused.unread": "What stands at {name} could not be read ({code}).{why}",
    "refused.unread.todo": "Check publisher, hosted_zone_id, update_server and tsig_secret_id in byodkim.toml, and what they name. Then the same command again.",
    "not-applied": "The write was not taken ({code}).{why} Read back, {name} is as it was.",
    "moved": "The write was not taken ({code}): {name} was changed by somebody after the plan was made.",
    "moved.todo": "Look at the plan anew; find out who else writes there.",
    "not-known": "The write had no clear answer ({code}), and {name} could not be read back, or holds what was neither there nor wanted.",
    "not-known.means": "{name} may hold what was there or what was wanted; no other record was touched.",
    "again": "The same command again: it looks first and writes only what is missing.",
    "why.BADKEY": " The server does not know the TSIG key's name.",
    "why.BADSIG": " The server has another secret, or another algorithm, for the TSIG key.",
    "why.BADTIME": " This clock and the server's are too far apart (TSIG allows 300 s).",
    "why.BADTRUNC": " The server asks for longer signatures.",
    "why.REFUSED": " The server's policy does not let this key do that.",
    "why.NOTAUTH": " The server does not know the TSIG key (its name or algorithm), does not let it do that, or is not the zone's primary.",
    "why.unreachable": " No connection to the server was made.",
    "why.timeout": " The server did not answer in time.",
    "why.unsigned": " The server's answer was not signed, so it counts for nothing.",
    "why.untrusted": " The signature of the server's answer is not right.",
    "why.not-authoritative": " The server at update_server does not hold the zone.",
    "why.private-zone": " The hosted zone is a private one, which mail receivers do not see.",
    "why.other-zone": " The hosted zone is that of {message}, which does not hold the name.",
    "why.form": " The TSIG secret is neither JSON with name, algorithm and secret, nor what tsig-keygen prints.",
    "why.algorithm": " The TSIG key's algorithm is none of hmac-sha256, hmac-sha384 and hmac-sha512.",
    "why.base64": " The TSIG key's secret is no base64.",
    "why.short": " The TSIG key's secret has less than 16 bytes.",
    "why.said": " It says: {message}",
}
