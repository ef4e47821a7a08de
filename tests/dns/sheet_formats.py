"""One key record in every format in which people send it: as the tools write it, not as this project reads it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Record:
    """``name`` absolute, without a closing dot."""

    name: str
    value: str
    kind: str = "TXT"
    ttl: int = 3600
    apex: str = ""

    @property
    def strings(self) -> list[str]:
        return [self.value[start : start + 255] for start in range(0, max(len(self.value), 1), 255)]

    @property
    def quoted(self) -> str:
        return " ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in self.strings)

    @property
    def zone(self) -> str:
        return self.apex or self.name.partition("_domainkey.")[2] or self.name.partition("domainkey.")[2]

    @property
    def owner(self) -> str:
        return self.name.removesuffix(f".{self.zone}")


def slack(one: Record) -> str:
    name = one.name.replace("._domainkey", ".\u200b_domainkey")
    value = "\u200b".join((one.value[:150], one.value[150:]))
    return (
        f"Hi team \u2014 could you add this one?\n\u2022\u00a0*Name:* `{name}`\n\u2022\u00a0*Type:*\u00a0{one.kind}\n"
        f"\u2022\u00a0*TTL:* {one.ttl}\n\u2022\u00a0*Value:* \u201c{value}\u201d\nThanks \U0001f64f\n"
    )  # fmt: skip


def slack_code(one: Record) -> str:
    return f"As agreed \u2014 here it is:\n```{one.name}. {one.ttl} IN {one.kind} {one.quoted}```\nThanks\n"


def markdown_table(one: Record) -> str:
    name = one.name.replace("_", "\\_")
    row = f"| {name} | {one.kind} | {one.ttl} | `{one.value}` |\n"
    return f"Please add:\n\n| Name | Type | TTL | Value |\n|:---|---|--:|---|\n{row}"


def markdown_list(one: Record) -> str:
    head = f"1. **Name**: `{one.name}`\n2. **Type**: {one.kind}\n3. **TTL**: {one.ttl} s\n"
    return f"{head}4. **Value**:\n\n```\n{one.value}\n```\n"


def jira_table(one: Record) -> str:
    return f"h3. DKIM\n||Name||Type||TTL||Value||\n|{{{{{one.name}}}}}|{one.kind}|{one.ttl}|{{{{{one.value}}}}}|\n"


def jira_code(one: Record) -> str:
    return f"*DKIM*\n{{code:title=zone}}\n{one.name}. {one.ttl} IN {one.kind} ({one.quoted})\n{{code}}\n"


def jira_noformat(one: Record) -> str:
    return f"Name: {one.name}\nType: {one.kind}\nTTL: {one.ttl}\nValue: {{noformat}}{one.value}{{noformat}}\n"


def slack_strings(one: Record) -> str:
    value = " ".join(f"\u201c{string}\u201d" for string in one.strings)
    return f"{slack(one).partition('*Value')[0]}*Value:* {value}\n"


def jira_transposed(one: Record) -> str:
    return f"||Name|{one.name}|\n||Type|{one.kind}|\n||TTL|{one.ttl}|\n||Value|{one.value}|\n"


def html_table(one: Record) -> str:
    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in (one.name, one.value, one.kind, str(one.ttl)))
    return f"<table><tr><th>Name</th><th>Value</th><th>Type</th><th>TTL</th></tr>\n<tr>{cells}</tr></table>\n"


def markdown_inline(one: Record) -> str:
    return f"- [ ] add `{one.name}` ({one.kind}, TTL {one.ttl}) with `{one.value}` to the zone, please\n"


def japanese_mail(one: Record) -> str:
    return f"・名前：{one.name}\n・種別：{one.kind}\n・TTL：{one.ttl}秒\n・値：「{one.value}」\n以上\n"


def mail(one: Record) -> str:
    """Cited, and wrapped by nobody."""
    return f"> Name:  {one.name}\n> Type:  {one.kind}\n> TTL:   {one.ttl} seconds\n> Value: {one.value}\n\nDone!\n"


SOA = "@ IN SOA ns1 hostmaster ( 2026112401 ; serial\n  7200 900 1209600 300 )\n@ IN NS ns1\nns1 IN A 192.0.2.53\n"


def bind(one: Record) -> str:
    strings = "\n".join(f'    "{string}" ; part {number} (of the key)' for number, string in enumerate(one.strings, 1))
    head = f"; key record; made by hand\n$ORIGIN {one.zone}.\n$TTL 1d\n{SOA}"
    return f'{head}{one.owner}\t{one.ttl}\tIN\t{one.kind}\t( ; a comment with "quotes\n{strings}\n )\n'


def bind_origin(one: Record) -> str:
    """The name in pieces, the TTL from $TTL, and a record before it whose owner it shares."""
    selector, _, rest = one.name.partition(".")
    return f"$TTL {one.ttl}\n$ORIGIN {rest}.\n{selector} {one.kind} {one.quoted}\n"


def bind_decimal(one: Record) -> str:
    strings = " ".join(
        '"' + "".join(f"\\{ord(mark):03d}" for mark in string[:4]) + string[4:] + '"' for string in one.strings
    )
    return f"{one.name}. {one.ttl} IN {one.kind} {strings}\n"


def bind_class_first(one: Record) -> str:
    return f"{one.name}. IN {one.ttl} {one.kind} {one.quoted}\n"


def unknown_type(one: Record) -> str:
    """RFC 3597."""
    data = b"".join(bytes([len(string)]) + string.encode() for string in one.strings)
    kind = {"TXT": "TYPE16", "CNAME": "TYPE5"}[one.kind]
    return f"{one.name}. {one.ttl} IN {kind} \\# {len(data)} ( {data[:100].hex()}\n  {data[100:].hex()} )\n"


def dig(one: Record) -> str:
    return (
        f"\n; <<>> DiG 9.18 <<>> TXT {one.name}\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR\n\n"
        f";; QUESTION SECTION:\n;{one.name}. IN {one.kind}\n\n"
        f";; ANSWER SECTION:\n{one.name}. {one.ttl} IN {one.kind} {one.quoted}\n"
    )  # fmt: skip


def cloudflare(one: Record) -> str:
    return (
        f";;\n;; Domain:     {one.zone}.\n;; Exported:   2026-11-24 04:08:57\n;;\n\n;; SOA Record\n"
        f"{one.zone}.\t3600\tIN\tSOA\tns.cloudflare.com. dns.cloudflare.com. 2052 10000 2400 604800 3600\n"
        f"\n;; TXT Records\n{one.name}.\t{one.ttl}\tIN\t{one.kind}\t{one.quoted} ; cf_tags=cf-proxied:false\n"
    )  # fmt: skip


def cloudflare_automatic(one: Record) -> str:
    return cloudflare(replace(one, ttl=1 if one.ttl == 3600 else one.ttl))


def change_batch(one: Record) -> str:
    values = {"Name": f"{one.name}.", "Type": one.kind, "TTL": one.ttl, "ResourceRecords": [{"Value": one.quoted}]}
    other = {"Name": "old.example.jp.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    old = {"Action": "DELETE", "ResourceRecordSet": other}
    new = {"Action": "UPSERT", "ResourceRecordSet": values}
    return json.dumps({"Comment": "DKIM", "Changes": [old, new]}, indent=2)


def record_sets(one: Record) -> str:
    """Return what ``aws route53 list-resource-record-sets`` prints."""
    values = {"Name": f"{one.name}.", "Type": one.kind, "TTL": one.ttl, "ResourceRecords": [{"Value": one.quoted}]}
    other = {"Name": "example.jp.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    return json.dumps({"ResourceRecordSets": [other, values]})


def json_in_a_ticket(one: Record) -> str:
    return f"Please apply this to the zone of {one.zone}:\n\n{change_batch(one)}\n\nThanks!\n"


def google_api(one: Record) -> str:
    return json.dumps({"rrsets": [{"name": f"{one.name}.", "type": one.kind, "ttl": one.ttl, "rrdatas": [one.quoted]}]})


def cloudflare_api(one: Record) -> str:
    return json.dumps({"type": one.kind, "name": one.name, "content": one.value, "ttl": one.ttl, "proxied": False})


def terraform_aws(one: Record) -> str:
    value = '\\"\\"'.join(one.strings)
    return f"""# DKIM; see CHG-1042
resource "aws_route53_zone" "main" {{
  name = "{one.zone}"
}}

resource "aws_route53_record" "dkim" {{
  zone_id = aws_route53_zone.main.zone_id
  name    = "{one.name}" // selector
  type    = "{one.kind}"
  ttl     = {one.ttl}
  records = [
    "{value}",
  ]
}}
"""


def terraform_aws_join(one: Record) -> str:
    parts = ", ".join(f'"{string}"' for string in one.strings)
    return f"""resource "aws_route53_record" "dkim" {{
  name    = "{one.owner}.${{aws_route53_zone.main.name}}"
  type    = "{one.kind}"
  ttl     = "{one.ttl}"
  records = [join("\\" \\"", [{parts}])]
  lifecycle {{
    prevent_destroy = true
  }}
}}
"""


def terraform_google(one: Record) -> str:
    value = one.quoted.replace("\\", "\\\\").replace('"', '\\"')
    return f"""resource "google_dns_record_set" "dkim" {{
  managed_zone = google_dns_managed_zone.main.name
  name         = "{one.name}."
  type         = "{one.kind}"
  ttl          = {one.ttl}
  rrdatas      = ["{value}"]
}}
"""


def terraform_cloudflare(one: Record) -> str:
    return f"""resource "cloudflare_record" "dkim" {{
  zone_id = var.zone_id
  name    = "{one.name}"
  type    = "{one.kind}"
  ttl     = {1 if one.ttl == 3600 else one.ttl}
  content = <<EOT
{one.value}
EOT
}}
"""


def octodns(one: Record) -> str:
    value = one.value.replace(";", "\\;")
    entry = f"{one.owner}:\n  ttl: {one.ttl}\n  type: {one.kind}\n  value: {value}\n"
    return f"---\n? ''\n: type: A\n  value: 192.0.2.1\n{entry}"


def octodns_list(one: Record) -> str:
    value = one.value.replace(";", "\\;")
    return f"{one.owner}:\n- type: {one.kind}\n  ttl: {one.ttl}\n  octodns: {{}}\n  values:\n  - '{value}'\n"


def csv_english(one: Record) -> str:
    return f'Name,Type,Value,TTL\r\n{one.name},{one.kind},"{one.value}",{one.ttl}\r\n'


def csv_japanese(one: Record) -> str:
    return f'名前,タイプ,値,TTL (秒)\r\n{one.name},{one.kind},"{one.value}",{one.ttl}\r\n'


def route53_xml(one: Record) -> str:
    return (
        f"<ResourceRecordSet><Name>{one.name}.</Name><Type>{one.kind}</Type><TTL>{one.ttl}</TTL><ResourceRecords>\n"
        f"<ResourceRecord><Value>{html.escape(one.quoted)}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\n"
    )  # fmt: skip


def powerdns_api(one: Record) -> str:
    record = {"content": one.quoted, "disabled": False}
    rrset = {"name": f"{one.name}.", "type": one.kind, "ttl": one.ttl, "changetype": "REPLACE", "records": [record]}
    return json.dumps({"rrsets": [rrset]}, indent=1)


def gcloud_yaml(one: Record) -> str:
    return (
        f"---\nkind: dns#resourceRecordSet\nname: {one.name}.\nrrdatas:\n- '{one.quoted}'\nttl: {one.ttl}\n"
        f"type: {one.kind}\n---\nkind: dns#resourceRecordSet\nname: example.jp.\nrrdatas:\n- 192.0.2.1\ntype: A\n"
    )  # fmt: skip


def cloudformation(one: Record) -> str:
    return (
        f"Resources:\n  Dkim:\n    Type: AWS::Route53::RecordSet\n    Properties:\n      HostedZoneId: !Ref Zone\n"
        f"      Name: !Sub '{one.owner}.${{Domain}}'\n      Type: {one.kind}\n      TTL: '{one.ttl}'\n"
        f"      ResourceRecords:\n        - '{one.quoted}'\n"
    )  # fmt: skip


def octodns_chunked(one: Record) -> str:
    value = one.quoted.replace(";", "\\;")
    return f"{one.owner}:\n  ttl: {one.ttl}\n  type: {one.kind}\n  value: '{value}'\n"


def terraform_module(one: Record) -> str:
    value = '\\"\\"'.join(one.strings)
    return f"""module "records" {{
  source = "terraform-aws-modules/route53/aws//modules/records"
  records = [
    {{
      name    = format("%s.%s", "{one.owner}", "{one.zone}")
      type    = "{one.kind}"
      ttl     = {one.ttl}
      records = ["{value}"]
    }},
  ]
}}
"""


def terraform_locals(one: Record) -> str:
    """The value is a local's, which a person looks up."""
    return f"""locals {{
  dkim = "{one.value}"
}}

resource "cloudflare_record" "dkim" {{
  name    = "{one.name}"
  type    = "{one.kind}"
  ttl     = {one.ttl}
  content = local.dkim
}}
"""


def aws_command(one: Record) -> str:
    return f"aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '{change_batch(one)}'\n"


def external_dns(one: Record) -> str:
    return (
        f"apiVersion: externaldns.k8s.io/v1alpha1\nkind: DNSEndpoint\nspec:\n  endpoints:\n  - dnsName: {one.name}\n"
        f"    recordTTL: {one.ttl}\n    recordType: {one.kind}\n    targets:\n    - '{one.value}'\n"
    )  # fmt: skip


def ansible(one: Record) -> str:
    return (
        f"- amazon.aws.route53:\n    zone: {one.zone}\n    record: {one.name}\n    type: {one.kind}\n"
        f"    ttl: {one.ttl}\n    value: '{one.quoted}'\n"
    )


def markdown_fence(one: Record) -> str:
    return f"## Request\n\nIt\u2019s for **{one.zone}**:\n\n```dns\n{bind(one)}```\n\n- [ ] done\n"


def html_escaped(one: Record) -> str:
    return f"<p>Keys &amp; records:</p><pre>\n{html.escape(html.escape(bind_class_first(one)))}</pre>\n"


FORMATS: dict[str, Callable[[Record], str]] = {
    made.__name__: made
    for made in (
        bind, bind_origin, bind_decimal, bind_class_first, unknown_type, dig, cloudflare, cloudflare_automatic,
        change_batch, record_sets, json_in_a_ticket, google_api, cloudflare_api,
        terraform_aws, terraform_aws_join, terraform_google, terraform_cloudflare, octodns, octodns_list,
        csv_english, csv_japanese, slack, slack_code, markdown_fence, markdown_table, markdown_list,
        jira_table, jira_code, jira_noformat, route53_xml, html_escaped, mail,
        powerdns_api, gcloud_yaml, cloudformation, octodns_chunked, slack_strings, jira_transposed, html_table,
        terraform_module, terraform_locals, aws_command, external_dns, ansible, markdown_inline, japanese_mail,
    )
}  # fmt: skip
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode("utf-8"),
    "UTF-8 with a BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16LE without a BOM": lambda text: text.encode("utf-16-le"),
    "UTF-16BE without a BOM": lambda text: text.encode("utf-16-be"),
    "UTF-16BE with a BOM": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "cp932": lambda text: text.encode("cp932"),
    "EUC-JP": lambda text: text.encode("euc_jp"),
}
