"""The harm that each check prevents, for the reference. No run reads it."""

from typing import Final

from byodkim.words import Sentence, _

HARMS: Final[dict[str, Sentence]] = {
    "SES-ACCOUNT": _("A switch in the wrong account changes somebody else's mail."),
    "SES-EXISTS": _("A wrong Region or name would change nothing, or another identity."),
    "SES-ORIGIN": _("Easy DKIM would be replaced, and its keys cannot be set again."),
    "SES-SIGNING": _("While signing is disabled, SES signs nothing, whatever selector it has."),
    "SES-HISTORY": _("If something other than byodkim changed SES, no record would show it."),
    "PLAN-CHANGE": _("Without it, nobody could go back to it."),
    "PLAN-LOCK": _("Two operators at once would overwrite each other."),
    "PLAN-APPROVED": _("A change could be made that nobody else has looked at."),
    "SECRET-ENTRY": _(
        "Without an entry of its own, the selector could be set with the key of another pair."
    ),
    "SECRET-STAGE": _("A half-made change could name a key that is replaced a moment later."),
    "KEY-OBJECT": _("With two candidates, the wrong private key could be set."),
    "KEY-FORM": _("SES accepts almost any text as a key and then never signs with it."),
    "KEY-STRENGTH": _("Some receivers no longer trust 1024 bits."),
    "KEY-PAIR": _("The DNS team would publish a key that verifies nothing."),
    "KEY-SIGNS": _("A record can look right and still verify nothing."),
    "KEY-REUSED": _(
        "If two selectors share a key, neither can be withdrawn alone. If a selector is reused, "
        "caches may hold its old record."
    ),
    "KEY-KNOWN": _(
        "SES never shows which key it has. With a wrong key, the status stays PENDING for 72 hours."
    ),
    "DNS-ANSWERS": _("A server that was not asked may give receivers another answer."),
    "DNS-PUBLISHED": _(
        "SES cannot verify a key that is not published, and mail goes out unsigned."
    ),
    "DNS-DELEGATION": _("Receivers that follow the other set would see another record."),
    "DNS-DNSSEC": _("Receivers that validate would see no record at all."),
    "TIME-CLOCK": _(
        "A wrong clock makes every time in the record, and the waits for caches, wrong."
    ),
    "TIME-ACTIVATE": _(
        'A resolver that asked too early answers "no such key" until its cache ends.'
    ),
    "ROLLBACK-CHECKS": _("If the switch went wrong, there would be no way back."),
    "SES-UNUSED": _("A selector in use would get another key, or lose its own."),
    "STORE-VERSIONING": _("An overwritten or deleted private key could not be brought back."),
    "STORE-PLACE": _("A private key that is overwritten is lost."),
    "SECRET-FIT": _("An entry of another key, or a field of the old key, would name a wrong pair."),
    "SECRET-PENDING": _("Two changes at once would lose one of them."),
    "DNS-FREE": _("Receivers may have another record of this name in their caches."),
    "SES-LEFT": _("Every mail that it signs would fail DKIM as soon as the record is gone."),
    "SES-ELSEWHERE": _("Another Region may still sign with the selector."),
    "SES-SETTLED": _("If the switch went wrong, there would be no way back."),
    "TIME-OVERLAP": _(
        "Mail that the selector signed may still be on its way, and would fail DKIM."
    ),
    "DNS-OURS": _(
        "Something that belongs to others would be withdrawn, or the key would stay published."
    ),
    "DNS-WITHDRAWN": _(
        "The private key would be deleted while receivers still find its key record."
    ),
    "KEY-VERSIONS": _("A version of the private key could stay in S3 without anyone noticing."),
}
