"""A request as people paste it: chat, wikis, trackers, mail and markup."""

from __future__ import annotations

import html

from tests.dns.sheet_record import Record


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
