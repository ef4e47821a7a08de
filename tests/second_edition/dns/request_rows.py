"""Request sheets as people write them, and what is wrong with each: rows of ``test_request_lint.py``."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

from second_edition.dkim.key_record import PublicKey
from second_edition.dns.request_lint import Expected
from second_edition.dns.request_sheet import Request, csv_text, message_text
from tests.second_edition.dkim.keys import b64, pem, pkcs8, spki

KEY = PublicKey.from_der(spki())
OTHER = PublicKey.from_der(spki(1024))
SELECTOR, DOMAIN = "mail-20261124-1", "example.jp"
REQUEST = Request(DOMAIN, SELECTOR, KEY)
NAME, VALUE, P = REQUEST.name, REQUEST.value, KEY.base64
ASKED = Expected(SELECTOR, DOMAIN, KEY, 3600)


def acted(deleted: str, *, action: str = "Action", delete: str = "DELETE", also: bool = True) -> bytes:
    """A CSV that deletes a record and, with ``also``, asks for ours."""
    ours = f"UPSERT,{NAME},TXT,{VALUE}\n" if also else ""
    return f"{action},Name,Type,Value\n{ours}{delete},{deleted},TXT,{VALUE}\n".encode()


def batch(*actions: tuple[str, str], **more: object) -> bytes:
    """Route 53's change batch of actions on names."""
    rest = {"Type": "TXT", "TTL": 3600, "ResourceRecords": [{"Value": f'"{VALUE[:255]}" "{VALUE[255:]}"'}], **more}
    changes = [{"Action": action, "ResourceRecordSet": {"Name": name, **rest}} for action, name in actions]
    return json.dumps({"Changes": changes}).encode()


def terraform(more: str = "", before: str = "", after: str = "") -> bytes:
    body = f'name = "{NAME}"\n type = "TXT"\n ttl = 3600\n records = ["{VALUE[:255]}\\"\\"{VALUE[255:]}"]\n{more}'
    return f'{before}resource "aws_route53_record" "d" {{\n {body}\n}}\n{after}'.encode()


def hashed(text: bytes) -> bytes:
    return b"\n".join(b"# " + line for line in text.splitlines())


IN_USE = f"mail-20260912-1._domainkey.{DOMAIN}"


def beside(name: str, value: str) -> bytes:
    """A CSV that asks for our record and for another one."""
    return sheet() + f"TXT,{name},{value}\r\n".encode()


IDLE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "deletion": (lambda: acted(NAME, also=False), {"deletes"}),
    "deletion of the one in use": (lambda: acted(IN_USE), {"deletes"}),
    "deletion of any other record": (lambda: acted("www").replace(b"www,TXT,v=DKIM1", b"www,A,x"), {"deletes"}),
    "deletion in Japanese": (lambda: acted(IN_USE, action="操作", delete="削除"), {"deletes"}),
    "deletion in a table": (lambda: b"|" + acted(IN_USE).replace(b",", b"|"), {"deletes"}),
    "deletion by nsupdate": (lambda: f"zone {DOMAIN}\nupdate delete {NAME}. TXT\nsend\n".encode(), {"deletes"}),
    "deletion beside it by nsupdate": (
        lambda: b"".join((b"update delete ", IN_USE.encode(), b".\nupdate add ", zone().partition(b"\n")[2])),
        {"deletes"},
    ),
    "replacement by nsupdate": (
        lambda: b"".join((b"update delete ", NAME.encode(), b".\nupdate add ", zone().partition(b"\n")[2])),
        set(),
    ),
    "deletion by nsupdate of what it added": (
        lambda: (
            zone().replace(b"$ORIGIN example.jp.\n", b"update add ") + b"update delete " + NAME.encode() + b" TXT\n"
        ),
        {"deletes"},
    ),
    "class CH": (lambda: zone().replace(b" IN ", b" CH "), {"wrong-type"}),
    "deletion at Route 53": (lambda: batch(("DELETE", NAME)), {"deletes"}),
    "deletion beside it at Route 53": (lambda: batch(("DELETE", IN_USE), ("UPSERT", NAME)), {"deletes"}),
    "revocation of the one in use": (lambda: beside(IN_USE, "v=DKIM1; k=rsa; p="), {"changes"}),
    "our key for the one in use": (lambda: beside(IN_USE, VALUE), {"changes"}),
    "weight 0": (lambda: batch(("UPSERT", NAME), SetIdentifier="a", Weight=0), {"weight-zero"}),
    "weight 1": (lambda: batch(("UPSERT", NAME), SetIdentifier="a", Weight=1), set()),
    "count 0": (lambda: terraform("count = 0"), {"count-zero"}),
    "count 1": (lambda: terraform("count = 1"), set()),
    "comment round Terraform": (lambda: terraform(before="/*\n", after="*/\n"), {"commented-out"}),
    "comment before Terraform": (lambda: terraform(before="/* ours */\n"), set()),
    "comment signs in Terraform": (lambda: hashed(terraform()), {"commented-out", "quote", "bad-base64"}),
}


def sheet(name: str = NAME, value: str = VALUE, kind: str = "TXT", **more: str) -> bytes:
    """A CSV of one record, as Python's own csv writes it."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Type", "Name", "Value", *more])
    rows.writerow([kind, name, value, *more.values()])
    return out.getvalue().encode()


def zone(owner: str = NAME + ".", strings: str = f'("{VALUE[:255]}" "{VALUE[255:]}")', ttl: str = "3600") -> bytes:
    return f"$ORIGIN example.jp.\n{owner} {ttl} IN TXT {strings}\n".encode()


def ticket(value: str = VALUE, name: str = NAME, more: str = "") -> bytes:
    return (
        f"Hello,\n\nplease publish this:\n\nName: {name}\nType: TXT\nValue: {value}\n{more}\nThanks!\nSato\n".encode()
    )


def wrapped(size: int = 64) -> str:
    return "\n".join(VALUE[start : start + size] for start in range(0, len(VALUE), size))


def doubled() -> bytes:
    header, row = sheet().decode().splitlines()
    return f"{header}\r\n{row}\r\n{row}\r\n".encode()


PRIVATE = (b64(pkcs8()).decode(), "".join(pem(1024).decode().splitlines()[1:-1]))

# Lines beside a sound record of a zone file, with the defect that each is; "" for none. The text before is a ticket's.
BESIDE: dict[str, str] = {
    "$INCLUDE other.inc": "included",
    f"$ORIGIN {DOMAIN}.\n$include other.inc": "included",
    "$GENERATE 1-2 host$ 3600 A 192.0.2.$": "included",
    f"_domainkey.{DOMAIN}. IN NS ns.example.com.": "redirected",
    "_domainkey NS ns.example.com.": "redirected",
    f"{DOMAIN}. 3600 IN NS ns.example.com.": "redirected",
    f"{DOMAIN}. 3600 IN DNAME example.com.": "redirected",
    f"{NAME}. 3600 IN CNAME key.example.com.": "redirected",
    f"{NAME}. 3600 IN TYPE5 \\# 7 017802636e00": "redirected",
    " IN NS ns.example.com.": "redirected",
    f"$ORIGIN _domainkey.{DOMAIN}.\n@ NS ns.example.com.": "redirected",
    f"$ORIGIN _domainkey.{DOMAIN}.\n{SELECTOR} IN DNAME example.com.": "redirected",
    f"; _domainkey.{DOMAIN}. IN NS ns.example.com.": "",
    f"www.{DOMAIN}. 3600 IN CNAME host.example.com.": "",
    f"{SELECTOR} IN CNAME host.example.com.": "",
    f"{IN_USE}. IN CNAME key.example.com.": "",
}

# What a sheet is, and every defect that it has when the true record is known.
SHEETS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "sound": (sheet, set()),
    "sound zone text": (zone, set()),
    "sound ticket": (ticket, set()),
    "sound row of a CSV in a ticket": (lambda: f"For {NAME}:\n{NAME},TXT,{VALUE},3600\n".encode(), set()),
    "relative name": (lambda: sheet(name=f"{SELECTOR}._domainkey"), set()),
    "relative owner": (lambda: zone(owner=f"{SELECTOR}._domainkey"), set()),
    "owner with TTL unit": (lambda: zone(ttl="1h"), set()),
    "placeholder": (lambda: sheet(value="p=customerProvidedPublicKey"), {"no-version", "placeholder"}),
    "truncated": (lambda: sheet(value=VALUE[: 18 + 261]), {"truncated-der"}),
    "undecodable": (lambda: sheet(value=VALUE[:100] + "?" + VALUE[101:]), {"bad-base64"}),
    "stated bits": (lambda: ticket(more="Key: RSA-1024 (1024 bits)"), {"stated-bits"}),
    "stated bits in Japanese": (lambda: ticket(more="鍵長：１０２４ビット"), {"stated-bits"}),
    "true bits": (lambda: ticket(more="RSA 2048 bit, 鍵長: 2048"), set()),
    "over-long string": (lambda: zone(strings=f'"{VALUE}"'), {"long-string"}),
    "lines without parentheses": (lambda: zone(strings=f'"{VALUE[:255]}"\n  "{VALUE[255:]}"'), {"parentheses"}),
    "no closing parenthesis": (lambda: zone(strings=f'("{VALUE[:255]}"\n  "{VALUE[255:]}"'), {"parentheses"}),
    "halves as two records": (
        lambda: zone(strings=f'"{VALUE[:255]}"') + zone(strings=f'"{VALUE[255:]}"'),
        {"split"},
    ),
    "halves as two rows": (lambda: beside(NAME, VALUE[300:]).replace(VALUE.encode(), VALUE[:300].encode()), {"split"}),
    "half beside another record": (
        lambda: zone(strings=f'"{VALUE[:255]}"') + zone(strings='"v=spf1 -all"'),
        {"truncated-der", "bad-version", "no-key", "two-rows"},
    ),
    "strings in a cell": (lambda: sheet(value=f'"{VALUE[:255]}" "{VALUE[255:]}"'), set()),
    "strings in a cell, and another word": (
        lambda: sheet(value=f'x "{VALUE[:255]}" "{VALUE[255:]}"'),
        {"quote", "space-within", "not-a-tag"},
    ),
    "strings in a line of a page": (
        lambda: f'TXT\t{NAME}\t"{VALUE[:255]}" "{VALUE[255:]}"\tDNS only\tAuto\n'.encode(),
        set(),
    ),
    "over-long string in a cell": (lambda: sheet(value=f'"{VALUE}"'), {"quote"}),
    "unquoted": (lambda: zone(strings=VALUE), {"unquoted"}),
    "smart quotes": (lambda: sheet(value=f"“{VALUE}”"), {"smart-quote", "quote"}),
    "smart quotes in a zone file": (lambda: zone(strings=f"“{VALUE[:255]}” “{VALUE[255:]}”"), {"smart-quote"}),
    "full-width": (lambda: sheet(value=VALUE.replace("; ", "；　")), {"full-width"}),
    "full-width name": (lambda: sheet(name=NAME.replace(".", "．")), {"name-full-width"}),
    "doubled suffix": (lambda: sheet(name=f"{NAME}.{DOMAIN}"), {"doubled-suffix"}),
    "no closing dot": (lambda: zone(owner=NAME), {"no-closing-dot"}),
    "underscore dropped": (lambda: sheet(name=NAME.replace("_", "")), {"underscore-dropped"}),
    "name in quotes": (lambda: sheet(name=f'"{NAME}"'), {"name-quote"}),
    "name in typographic quotes": (lambda: sheet(name=f"“{NAME}”"), {"name-quote"}),
    "name in backticks": (lambda: sheet(name=f"`{NAME}`"), {"name-quote"}),
    "name as a formula": (lambda: sheet(name=f'="{NAME}"'), {"name-quote"}),
    "name after an apostrophe": (lambda: sheet(name=f"'{NAME}"), {"name-quote"}),
    "name in a ticket's quotes": (lambda: f"|Name|Value|\n|'`{NAME}`'|{VALUE}|\n".encode(), set()),
    "space in the name": (lambda: sheet(name=NAME.replace("._", ". _")), {"name-space"}),
    "name of another form": (lambda: sheet(name="_domainkey.example.jp"), {"name-form"}),
    "name lacking": (lambda: sheet(name=""), {"no-name"}),
    "other selector": (lambda: sheet(name=f"mail-20260912-1._domainkey.{DOMAIN}"), {"other-selector"}),
    "other domain": (lambda: sheet(name=f"{SELECTOR}._domainkey.example.com"), {"other-domain"}),
    "TTL of words": (lambda: sheet(TTL="one hour"), {"ttl-form"}),
    "TTL with a full-width number": (
        lambda: ticket().replace(b"Type: TXT", "Type: TXT\nTTL: ３６００秒".encode()),
        set(),
    ),
    "TTL with a comma": (lambda: sheet(TTL="3,600"), {"ttl-form"}),
    "smart quotes in a message's zone text": (
        lambda: message_text(REQUEST).translate(str.maketrans('"', "“")).encode(),
        {"smart-quote"},
    ),
    "TTL in a ticket": (lambda: ticket(more="").replace(b"Type: TXT", b"Type: TXT\nTTL: 86400000"), {"ttl-other"}),
    "missing version": (lambda: sheet(value=f"k=rsa; p={P}"), {"no-version"}),
    "quotes in the key": (lambda: sheet(value=VALUE[:200] + '" "' + VALUE[200:]), {"quote", "space-within"}),
    "line break in the key": (lambda: sheet(value=VALUE[:200] + "\n" + VALUE[200:]), {"line-break"}),
    "ticket that wraps": (lambda: ticket(value=wrapped()), {"line-break"}),
    "quotes that do not pair": (lambda: zone(strings=f'"{VALUE[:255]} {VALUE[255:]}'), {"quote", "space-within"}),
    "lower-cased key": (lambda: sheet(value=VALUE.replace(P, P.lower())), {"one-case-key", "not-der"}),
    "upper-cased value": (
        lambda: sheet(value=VALUE.upper()),
        {"one-case-key", "upper-case-tag", "wrong-key-type", "trailing-bytes"},
    ),
    "CNAME": (lambda: sheet(kind="CNAME"), {"wrong-type"}),
    "full-width type": (lambda: sheet(kind="ＴＸＴ"), {"wrong-type"}),
    "value lacking": (lambda: sheet(value=""), {"no-value"}),
    "name alone": (lambda: f"please add {NAME}\n".encode(), {"no-value"}),
    "nothing of ours": (lambda: b"Type,Name,Value\r\nMX,mail,10 mx\r\n", {"no-row"}),
    "empty file": (lambda: b"", {"no-row"}),
    **IDLE,
    "comment in zone text": (lambda: zone(owner=f"; {NAME}."), {"commented-out"}),
    "comment beside zone text": (lambda: zone() + zone(owner=f"; {NAME}."), set()),
    "comment in a CSV": (lambda: sheet(name=f"#{NAME}"), {"commented-out"}),
    "two rows": (doubled, {"two-rows"}),
    "another key": (lambda: sheet(value=f"v=DKIM1; k=rsa; p={OTHER.base64}"), {"other-key"}),
    "testing": (lambda: sheet(value=f"v=DKIM1; t=y; p={P}"), {"testing"}),
    "no subdomains, in a zone file": (
        lambda: zone(strings=f'("v=DKIM1; k=rsa; t=s; n=note; " "p={P[:250]}" "{P[250:]}")'),
        {"no-subdomains"},
    ),
    "private key": (lambda: sheet(value="v=DKIM1; p=" + b64(pkcs8()).decode()), {"private-key"}),
    "private key beside it": (lambda: ticket(more=pem(1024).decode()), {"private-key"}),
    "private key in hexadecimal beside it": (lambda: sheet(Note=pkcs8().hex()), {"private-key"}),
    "private key wrapped short beside it": (
        lambda: sheet(Note=re.sub("(.{12})", r"\1\n", PRIVATE[0])),
        {"private-key"},
    ),
    "private key in quoted pieces beside it": (
        lambda: ticket(more="Key: " + " ".join(f'"{piece}"' for piece in re.findall(".{1,12}", PRIVATE[0]))),
        {"private-key"},
    ),
    "private key as a JWK beside it": (lambda: ticket(more='{"kty": "RSA", "d": "' + "Q" * 86 + '"}'), {"private-key"}),
    "private key for a name": (lambda: acted(PRIVATE[0]), {"private-key"}),
    "Shift JIS": (lambda: csv_text(REQUEST, "ja").decode("utf-8-sig").encode("cp932"), set()),
    "UTF-16": (lambda: csv_text(REQUEST, "ja").decode("utf-8-sig").encode("utf-16"), set()),
    "Windows": (lambda: ticket(value=f"“{VALUE}”").decode().encode("cp1252"), {"encoding"}),
    "tags of several kinds": (
        lambda: sheet(value=f"k=RSA; v=dkim1; h=sha1; s=x; g=a; x-y=1;; p={P}; p={P}"),
        {
            *("no-version", "not-a-tag", "empty-tag", "duplicate-tag", "bad-version"),
            *("wrong-key-type", "no-sha256", "not-for-email", "granularity"),
        },
    ),
}
