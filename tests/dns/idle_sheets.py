"""Sheets that delete a record, or publish none, and the findings of each."""

from __future__ import annotations

import json
from collections.abc import Callable

from byodkim.dkim.key_record import PublicKey
from byodkim.dns.request_sheet import Request
from tests.dkim.keys import spki

DOMAIN = "example.jp"
REQUEST = Request(DOMAIN, "mail-20261124-1", PublicKey.from_der(spki()))
NAME, VALUE = REQUEST.name, REQUEST.value


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

IDLE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "deletion": (lambda: acted(NAME, also=False), {"deletes"}),
    "deletion of the one in use": (lambda: acted(IN_USE), {"deletes"}),
    "deletion of any other record": (lambda: acted("www").replace(b"www,TXT,v=DKIM1", b"www,A,x"), {"deletes"}),
    "deletion in Japanese": (lambda: acted(IN_USE, action="操作", delete="削除"), {"deletes"}),
    "deletion in a table": (lambda: b"|" + acted(IN_USE).replace(b",", b"|"), {"deletes"}),
    "deletion at Route 53": (lambda: batch(("DELETE", NAME)), {"deletes"}),
    "deletion beside it at Route 53": (lambda: batch(("DELETE", IN_USE), ("UPSERT", NAME)), {"deletes"}),
    "weight 0": (lambda: batch(("UPSERT", NAME), SetIdentifier="a", Weight=0), {"weight-zero"}),
    "weight 1": (lambda: batch(("UPSERT", NAME), SetIdentifier="a", Weight=1), set()),
    "weight 0 in Terraform": (lambda: terraform("weighted_routing_policy {\n weight = 0\n }"), {"weight-zero"}),
    "count 0": (lambda: terraform("count = 0"), {"count-zero"}),
    "count 1": (lambda: terraform("count = 1"), set()),
    "for each of none": (lambda: terraform("for_each = toset([])"), {"count-zero"}),
    "comment round Terraform": (lambda: terraform(before="/*\n", after="*/\n"), {"commented-out"}),
    "comment before Terraform": (lambda: terraform(before="/* ours */\n"), set()),
    "comment signs in Terraform": (lambda: hashed(terraform()), {"commented-out", "quote", "bad-base64"}),
}
