"""What was published against what was asked: servers on loopback publish every mistake, and are asked over sockets."""

from __future__ import annotations

from dnslib import CNAME, QTYPE, RR, DNSRecord

from second_edition.dkim.key_record import PublicKey
from second_edition.dkim.published import Answer, Server
from second_edition.dns.lookup import ask, follow
from second_edition.dns.request_lint import Expected, lint
from second_edition.dns.request_reply import Comparison, compare, names_to_ask, reply_text
from second_edition.dns.request_sheet import Request
from second_edition.messages import LANGUAGES, sentence
from tests.second_edition.dkim.keys import b64, modulus, pkcs8, spki, spki_of
from tests.second_edition.dns.servers import NameServer, Respond, holding, reply
from tests.second_edition.each import each

SELECTOR, DOMAIN, PROBE = "mail-20261124-1", "example.jp", "probe-0123456789abcdef"
KEY = PublicKey.from_der(spki())
REQUEST = Request(DOMAIN, SELECTOR, KEY)
NAME, VALUE = REQUEST.name, REQUEST.value.encode()


def cut(value: bytes = VALUE) -> tuple[bytes, ...]:
    return tuple(value[start : start + 255] for start in range(0, len(value), 255))


TARGET = "elsewhere.example.com"


def pointing(*to: bytes, owner: str = NAME, rcode: str = "NOERROR") -> Respond:
    """A CNAME at the name (or at what ends like ``owner``), and ``to`` at its target, which is another zone's."""

    def respond(question: DNSRecord, transport: str) -> DNSRecord:
        name = str(question.q.qname).rstrip(".").lower()
        if name == TARGET:
            return holding({name: (to,)} if to else {}, rcode="" if to else rcode)(question, transport)
        answer = reply(question)
        if name.endswith(owner):
            answer.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(TARGET), ttl=300))
        return answer

    return respond


def silent(question: DNSRecord, transport: str) -> None:
    del question, transport


def at(value: bytes, name: str = NAME) -> Respond:
    return holding({name: (cut(value),)})


# What the server publishes, and every difference from what was asked.
PUBLISHED: dict[str, tuple[Respond, set[str]]] = {
    "as asked": (at(VALUE), set()),
    "absent": (holding({}), {"absent"}),
    "cut off at 255": (at(VALUE[:255]), {"cut"}),
    "key cut short": (at(VALUE[:-100] + b"AAAA"), {"truncated-der"}),
    "quoted": (at(b'"' + VALUE + b'"'), {"quote"}),
    "quoted strings": (at(b'"' + VALUE[:200] + b'" "' + VALUE[200:] + b'"'), {"quote", "space-within"}),
    "smart quotes": (at("“".encode() + VALUE + "”".encode()), {"smart-quote", "quote"}),
    "backslashes": (at(VALUE.replace(b";", b"\\;")), {"backslash"}),
    "placeholder": (at(b"p=customerProvidedPublicKey"), {"placeholder"}),
    "revoked": (at(b"v=DKIM1; p="), {"emptied"}),
    "private key": (at(b"v=DKIM1; p=" + b64(pkcs8(1024))), {"private-key"}),
    "two records": (holding({NAME: (cut(), (b"v=spf1 -all",))}), {"several-records"}),
    "cut into two records": (holding({NAME: ((VALUE[255:],), (VALUE[:255],))}), {"split"}),
    "another key": (at(b"v=DKIM1; k=rsa; p=" + b64(spki(1024))), {"other-key"}),
    "a key of 4096 bits": (at(b"v=DKIM1; k=rsa; p=" + b64(spki_of(modulus(4096)))), {"other-bits"}),
    "other TTL": (holding({NAME: (cut(),)}, ttl=300), {"ttl-other"}),
    "CNAME to nothing": (pointing(), {"cname"}),
    "CNAME to another key": (pointing(*cut(b"v=DKIM1; k=rsa; p=" + b64(spki(1024)))), {"other-key"}),
    "CNAME to the key": (pointing(*cut()), {"alias"}),
    "CNAME to the key for testing": (pointing(*cut(VALUE.replace(b"p=", b"t=y; p="))), {"alias", "testing"}),
    "CNAME to a server that says nothing": (pointing(rcode="SERVFAIL"), {"alias.unknown"}),
    "wildcard CNAME": (pointing(*cut(), owner=f"._domainkey.{DOMAIN}"), {"wildcard.key"}),
    "wildcard of something else": (holding({f"*.{DOMAIN}": ((b"v=spf1 -all",),)}), {"wildcard"}),
    "wildcard of the key": (holding({f"*._domainkey.{DOMAIN}": (cut(),)}), {"wildcard.key"}),
    "wildcard beside the record": (holding({NAME: (cut(),), f"*.{DOMAIN}": ((b"x",),)}), set()),
    "doubled suffix": (at(VALUE, f"{NAME}.{DOMAIN}"), {"absent", "at.doubled"}),
    "underscore dropped": (at(VALUE, f"{SELECTOR}.domainkey.{DOMAIN}"), {"absent", "at.elsewhere"}),
    "no _domainkey": (at(VALUE, f"{SELECTOR}.{DOMAIN}"), {"absent", "at.elsewhere"}),
    "another selector": (at(VALUE, f"mail-20261124-2._domainkey.{DOMAIN}"), {"absent", "at.elsewhere"}),
    "placeholder here, the key there": (
        holding({NAME: ((b"p=customerProvidedPublicKey",),), f"{NAME}.{DOMAIN}": (cut(),)}),
        {"placeholder", "at.doubled"},
    ),
    "testing": (at(f"v=DKIM1; k=rsa; t=y; p={KEY.base64}".encode()), {"testing"}),
    "SERVFAIL": (holding({}, rcode="SERVFAIL"), {"servfail"}),
    "REFUSED": (holding({}, rcode="REFUSED"), {"refused"}),
    "silence": (silent, {"no-answer"}),
}


def seen(*answering: Respond, request: Request = REQUEST) -> Comparison:
    names = names_to_ask(request, PROBE)
    servers, longest_s = [NameServer(respond) for respond in answering], 0.3 if silent in answering else 30.0
    try:
        for server in servers:
            server.__enter__()
        asked = [server.server for server in servers]
        answers = ask(asked, list(names), timeout_s=longest_s, attempts=1)
        followed = follow([one for one in answers if names[one.name] == "asked"], lambda _: asked)
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    return compare(request, answers, names, followed=followed)


def defects(compared: Comparison) -> set[str]:
    return {finding.defect for finding in compared.differences}


@each("case", PUBLISHED)
def test_every_difference_is_found_and_told(case: str):
    respond, expected = PUBLISHED[case]
    compared = seen(respond)
    assert defects(compared) == expected
    good = expected <= {"ttl-other", "alias"}  # rotate passes it with any TTL, and behind a CNAME
    assert compared.matches is good
    assert (compared.good, compared.total) == (int(good), 1)
    private = b64(pkcs8(1024)).decode()[300:]  # past what it shares with public keys
    for language in LANGUAGES:
        text = reply_text(REQUEST, compared, language)
        assert "{" not in text
        assert not any(private[start : start + 12] in text for start in range(len(private) - 12))
        for finding in compared.differences:
            assert finding.explain(language) in text
            assert good or finding.correction(language) in text
        # What it asks for reads back as exactly the record; a revoked key must not come back.
        if expected == {"emptied"}:
            assert KEY.base64 not in text
            assert REQUEST.value not in text
        elif not good:
            found = lint(text.encode(), Expected(SELECTOR, DOMAIN, KEY, 3600))
            said = {"stated-bits"} if expected == {"other-bits"} else set()
            assert {finding.defect for finding in found.findings} == said
            assert found.request == REQUEST


def test_what_has_to_go_is_named():
    some = seen(pointing(*cut()), pointing())
    assert (some.good, defects(some)) == (0, {"cname"})  # each CNAME leads to both servers
    lone = lint(f"{NAME}. 300 IN CNAME elsewhere.example.com.\n".encode(), Expected(SELECTOR, DOMAIN, KEY))
    for told, words in (
        (reply_text(REQUEST, seen(PUBLISHED["two records"][0])), "remove the others at the name"),
        (reply_text(REQUEST, seen(pointing())), "put the TXT record in the place of the CNAME, in one change"),
        (" ".join(finding.correction("en") for finding in lone.findings), "Take the CNAME record out: the TXT record"),
        (reply_text(REQUEST, seen(pointing(rcode="SERVFAIL"))), "says what stands there: 127.0.0.1:"),
    ):
        assert words in told
    assert not any("also" in finding.explain("en") for finding in lone.findings)


@each(
    ("name", "mistake", "added"),
    [
        (f"{SELECTOR}._domainkey.example.jp", "at.elsewhere", ""),
        (f"{SELECTOR}._domainkey.mail.example.jp.example.jp", "at.doubled", " .example.jp "),
        (f"{SELECTOR}._domainkey.mail.example.jp.mail.example.jp", "at.doubled", " .mail.example.jp "),
    ],
)
def test_a_subdomains_record_is_found_in_the_zone_above(name: str, mistake: str, added: str):
    request = Request("mail.example.jp", SELECTOR, KEY)
    compared = seen(at(VALUE, name), request=request)
    assert defects(compared) == {"absent", mistake}
    for language in LANGUAGES:
        letter = reply_text(request, compared, language)
        assert name in letter
        assert added in letter
    if mistake == "at.elsewhere":  # example.jp itself may sign with that record
        assert "Leave the one at" in reply_text(request, compared, "en")


def test_servers_are_told_apart():
    compared = seen(at(VALUE), holding({}), holding({}), at(VALUE[:255]))
    assert (compared.good, compared.total, compared.matches) == (1, 4, False)
    where = {finding.defect: servers for finding, servers in compared.differences.items()}
    assert {defect: len(servers) for defect, servers in where.items()} == {"absent": 2, "cut": 1}
    for language in LANGUAGES:
        text = reply_text(REQUEST, compared, language)
        assert all(server in text for servers in where.values() for server in servers)


def test_a_secondary_with_an_older_copy_is_stale_and_the_zone_is_right():
    new, old = Server("ns1.example.jp", "192.0.2.53"), Server("ns2.example.jp", "192.0.2.54")
    ahead = answered(new, rcode="NOERROR", authoritative=True, ttl=3600, serial=2026112402, records=(cut(),))
    behind = answered(old, rcode="NXDOMAIN", authoritative=True, serial=2026112401)
    compared = compare(REQUEST, ahead + behind, names_to_ask(REQUEST, PROBE))
    assert defects(compared) == {"stale"}
    assert (compared.good, [*compared.differences.values()]) == (1, [["ns2.example.jp (192.0.2.54)"]])
    text = reply_text(REQUEST, compared)
    assert "is behind another server's (2026112401; there it is 2026112402)" in text
    assert "no TXT record" not in text
    both = compare(REQUEST, behind, names_to_ask(REQUEST, PROBE))
    assert defects(both) == {"absent"}  # where no server has a newer one


def answered(server: Server, **what: object) -> tuple[Answer, ...]:
    return (Answer(server, NAME, **what),)  # type: ignore[arg-type]


def test_an_address_that_this_machine_has_no_way_to_is_no_fault_of_the_zones():
    names = names_to_ask(REQUEST, PROBE)
    good = answered(
        Server("ns1.example.jp", "192.0.2.53"), rcode="NOERROR", authoritative=True, ttl=3600, records=(cut(),)
    )
    far = answered(Server("ns1.example.jp", "2001:db8::53"), failure="no-route")
    assert compare(REQUEST, good + far, names) == Comparison({}, 1, 1)
    alone = compare(REQUEST, far, names)
    assert not alone.matches
    for language in LANGUAGES:
        text = reply_text(REQUEST, alone, language)
        assert sentence("request", "reply.unasked", language) in text


def test_a_hostile_answer_is_shown_escaped():
    compared = seen(at(b"v=DKIM1\x1b[2J\r\n\xe2\x80\xae; p="))
    for language in LANGUAGES:
        text = reply_text(REQUEST, compared, language)
        assert all(character == "\n" or character.isprintable() for character in text)
