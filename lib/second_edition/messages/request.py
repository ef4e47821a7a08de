"""Words for the people who keep the zone, and about the files that pass between them and the mail team."""

from __future__ import annotations

from typing import Final

from second_edition.messages.seal import LINE

_MESSAGE = """\
Please add one DNS record.

  Name     {name}
  Type     TXT
  TTL      {ttl} seconds
  Value    {value}

Please tell us when it has been published.

How to enter it
1. Make one TXT record at this name. The underscore in _domainkey is part of the name.
   {shorter}
2. The value is {length} characters long, and a character-string holds at most 255 bytes, so it takes {strings}
   character-strings in the one record. Many consoles split the value by themselves: then paste it in one piece,
   without quotation marks. In a zone file it reads:

{zone_text}

3. Leave every other record as it is, those under _domainkey above all: mail is being signed with one of them.

How it will be checked
We ask every authoritative server of {domain}, at each of its addresses, and go on only when all of them answer with
exactly this key. You can see the same with:

  dig +short TXT {name} @<name server>

The key's SHA-256 (of its SubjectPublicKeyInfo) is
{sha256}

The record holds a public key. It is no secret.
"""


_CHECK = """\
Leave every other record as it is, those under _domainkey above all: mail is being signed with one of them.

The record that stands there now holds the key with this SHA-256 (of its SubjectPublicKeyInfo):
{sha256}

We ask every authoritative server afterwards. You can see the same with:

  dig +short TXT {name} @<name server>
"""


_REVOKE = """\
Please change one DNS record: the key in it is revoked. The record itself stays.

  Name     {name}
  Type     TXT
  TTL      {ttl} seconds
  Value    {value}

The value ends with an empty p=: that is meant, and says that the key is revoked (RFC 6376 section 3.6.1).
"""


_REMOVE = """\
Please remove one DNS record.

  Name     {name}
  Type     TXT
"""


_DIFFERS = """\
Subject: DNS record {name} is not yet as we asked

{signs}Thank you for your work on this TXT record. We asked the authoritative servers of {domain} for it: {good} of {asked}
addresses answer as asked. Here is what differs, and how it is put right.

{differences}

What should stand there
  Name     {name}
  Type     TXT, one record
  TTL      {ttl} seconds
  Value    {value}

In a zone file:

{zone_text}

Please change nothing else under _domainkey.{domain}: mail is being signed with a record there. You can see what a
server answers with

  dig +norecurse TXT {name} @<name server>

Please tell us when it is done; we will ask every server again.
"""


_GOOD = """\
Subject: DNS record {name}: thank you

The TXT record at {name} stands as we asked at all {asked} addresses of the authoritative servers of {domain}.
The key's SHA-256 (of its SubjectPublicKeyInfo) is {sha256}

{signs}Please leave it, and every other record under _domainkey.{domain}, until we write again.
"""


_SIGNS = """\
Amazon SES is set to sign mail of {domain} with the key of this record. The record must never be missing, not even for
a moment: please make each change to it in one step.

"""


_WITHDRAWN = """\
Subject: URGENT: DNS record {name}: mail fails without it

Amazon SES is set to sign mail of {domain} with the key of this TXT record, and the record is missing, or its p= is
empty, at:
{servers}

Receivers cannot verify signatures without it. Unless we asked you to withdraw it, please publish the record at once:

{zone_text}

About the record that we asked for
"""


_REVOKED = """\
Subject: DNS record {name}: please leave it as it is

{what}
Seen at: {servers}

{todo}

Our request for it no longer holds. Please change nothing else under _domainkey.{domain}: mail is being signed with
another record there.
"""


_RETIRED = """\
Subject: DNS record {name}: please do not publish it again

The key of this TXT record was retired, and the record was withdrawn on purpose. Our earlier request for it no longer
holds: please publish that value nowhere.

  - Where the record is gone, or its p= is empty, leave it so.
  - Where a server still answers with the key, withdraw it as our later request says.

Please change nothing else under _domainkey.{domain}: mail is being signed with another record there. When we need
another key record, we will ask for it under a new name.
"""


TEXTS: Final[dict[str, str]] = {
    "message": _MESSAGE,
    "message.zone": "Enter just {owner} where the console adds .{zone} by itself.",
    "message.no-zone": (
        "Where the console adds the zone by itself: enter just {owner} if the zone is {domain};\n"
        "   if it is a zone above {domain}, add the part of {domain} that the console does not add."
    ),
    "retired": "CAUTION: {selector} was retired on {at} UTC: its key record was withdrawn on purpose, or may have been. Publish and rotate refuse it (KEY-RETIRED): prepare a new selector, unless this one is to come back.",
    "retired.unsigned": "Run {run} saw SES sign with it after that, but no key that is trusted here signed that run. Where it is your team's, list that key under sealing_keys, the one of your own seal_key too ("
    + LINE
    + ").",
    "rehearsal": "REHEARSAL: do not publish. This comes from a rehearsal, with keys that are thrown away.",
    "contact.dns": "To: {contact}",
    "contact.operators": "Questions: {contact}",
    "contact.approver": "Approver of this change: {contact}",
    "contact.escalation": "Escalation: {contact}",
    "unwritten": "Nothing was written.",
    "unsigned": "{record} has no signature, so nothing vouches for the key that it asks for.",
    "unsigned.todo": "Make a plan run that comes to its end, and use its record.",
    "untrusted": "{record} is signed with the key {key}, which is not among those that count here.",
    "untrusted.todo": "Find out whose record that is. Where it is your team's, list its key under sealing_keys in byodkim.toml ("
    + LINE
    + "), then run the same command again.",
    "signer": "Nothing was written; mail is signed and verified as before.",
    "octodns": (
        "One entry for the file {zone}.yaml of octoDNS's YamlProvider (escaped_semicolons: true): copy it in there.\n"
        "Do not apply this file by itself: octoDNS would remove every other record of {zone}."
    ),
    "octodns.no-zone": (
        "This is right where the zone is {domain}; the run did not see the zone. Where it is a zone above {domain}, copy\n"
        "the entry into that zone's file, and add what is left of {domain} to its name."
    ),
    "ttl": "{ttl} is no time to live: it is a number of seconds from 1 to 2147483647.",
    "csv.form": "The sheet is no CSV in UTF-8 with the columns Name, Type and Value (or 名前, タイプ, 値).",
    "csv.none": "The sheet has no TXT row for {name}. Its rows under _domainkey: {others}.",
    "csv.twice": "The sheet has more than one row for {name}; a key record stands alone at its name.",
    "csv.todo": "Download this identity's DNS records from the SES console again, as CSV, and hand in that file unchanged.",
    "file.exists": "{path} exists already.",
    "file.unwritable": "{path} cannot be written ({reason}).",
    "file.todo": "Name a file that does not exist yet.",
    "withdrawal.action.revoke": "change",
    "withdrawal.action.remove": "delete",
    "withdrawal.zone": "Remove every TXT record at {name}.",
    "withdrawal.message.revoke": f"{_REVOKE}\n{_CHECK}",
    "withdrawal.message.remove": f"{_REMOVE}\n{_CHECK}",
    # What reply says
    "reply.message": _DIFFERS,
    "reply.good": _GOOD,
    "reply.signs": _SIGNS,
    "reply.remark": "\n{what} This is no fault, and nothing has to be done. Seen at: {servers}\n",
    "reply.withdrawn": _WITHDRAWN,
    "reply.revoked": _REVOKED,
    "reply.retired": _RETIRED,
    "reply.difference": "{number}. {what}\n   Seen at: {servers}\n   To do: {todo}",
    "reply.unasked": "No server could be asked from here, so nothing is known about the record.",
    # What lint says
    "line": "line {line}: {text}",
    "sound": "No defect found.",
    "unjudged": "Not judged: {names}. lint does not know these settings. Check that each lets the record be published.",
    "others": "Not judged: {names}. lint judges only the key record that is asked for.",
    "key": "SHA-256 of the key: {sha256}",
    "own-key": "The key is the sheet's own: compare its SHA-256 with that in the record of the run before it is published.",
    "reply": "Message: {path}",
    "written": "Corrected sheet: {path}",
    "written.alone": "Corrected sheet: {path}. It holds the key record alone: no other row, record or column of the sheet is in it.",
    "uncorrected": "No corrected sheet was written: the true key or name is not known, or the sheet contradicts itself.",
    "uncorrected.anew": "Make the sheet anew with byodkim request.",
    "uncorrected.todo": "Name the record of the run with --record, or give --domain, --selector and --public-key.",
    "several": "-o names one corrected sheet, and several sheets were given.",
    "several.todo": "Give one sheet with -o, or leave -o out.",
    "form": "byodkim cannot write {path}: a corrected sheet is CSV or zone text.",
    "form.todo": "Name a file that ends in .csv or .zone, and copy the record from it.",
    "ending": "byodkim cannot write {path}: a request is CSV, zone text, a message, JSON or octoDNS's YAML.",
    "ending.todo": "Name a file that ends in .csv, .zone, .txt, .json or .yaml.",
    "unread": "{path} cannot be read ({reason}).",
    "unread.todo": "Name the sheet, ticket or zone text to read.",
    "workbook": "byodkim cannot read {path}: it is a workbook, a PDF or another file that is not text.",
    "workbook.todo": "Save the sheet as CSV (UTF-8), and name that file.",
    # The record that is meant, as options name it
    "half": "Which key record is meant is not clear: --domain, --selector and --public-key go together, or the record of a run says all three.",
    "both": "The record of a run and --domain, --selector or --public-key were both given.",
    "sandbox": "{path} is the record of a rehearsal in a sandbox ({endpoint}), and no name server answers at {servers}. Public DNS does not know its zone.",
    "sandbox.todo": "Rehearse in a standing sandbox (byodkim sandbox), or name the servers of one with --nameservers.",
    "both.todo": "Give one of the two.",
    "half.todo": "Give all three, or the record.",
    "public-key": "{path} holds no public key that can be used: {why}",
    "public-key.todo": "Give a file with the PEM of the public key, its base64, or the value of the key record.",
}
