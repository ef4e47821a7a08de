"""What is no answer, over real sockets: each way has a name of its own, and none is taken for another."""

from __future__ import annotations

import json
import socket
import struct
import threading

from dnslib import DNSRecord

from second_edition.dkim.published import Answer, Judgement, Server, Verdict, judge
from second_edition.dns.lookup import ask
from second_edition.plain import from_plain, plain
from tests.second_edition.dkim.keys import b64, spki
from tests.second_edition.dns.observed import KEY, STRINGS
from tests.second_edition.dns.servers import NAME, Respond, ask_one, free_port, reply, serving, verdict
from tests.second_edition.each import each

OTHER = (b"v=DKIM1; k=rsa; p=" + b64(spki(1024)),)


def truncated_twice(question: DNSRecord, transport: str) -> DNSRecord:
    del transport
    answer = reply(question)
    answer.header.tc = 1
    return answer


def half_an_answer(question: DNSRecord, transport: str) -> bytes:
    """The header of a full answer, and what a line that drops would leave of the rest."""
    answer = serving(STRINGS)(question, transport)
    assert isinstance(answer, DNSRecord)
    return bytes(answer.pack())[:-40]


def another_question(question: DNSRecord, transport: str) -> DNSRecord:
    del transport
    other = DNSRecord.question("evil.example.com", "TXT")
    other.header.id = question.header.id
    return reply(other)


def a_question_back(question: DNSRecord, transport: str) -> bytes:
    del transport
    return bytes(question.pack())


@each(
    ("respond", "failure"),
    [
        (lambda _question, _transport: None, "timeout"),
        (lambda _question, _transport: b"\0\0 not DNS at all", "malformed"),
        (half_an_answer, "malformed"),
        (another_question, "malformed"),
        (a_question_back, "malformed"),
        (truncated_twice, "malformed"),
    ],
    ids=["silence", "noise", "half", "another-question", "echo", "truncated-over-tcp-too"],
)
def test_what_is_no_answer_is_named(respond: Respond, failure: str):
    answer = ask_one(respond, timeout_s=0.2)
    assert (answer.failure, answer.rcode, answer.records, answer.serial) == (failure, "", (), None)
    assert judge(answer, KEY.sha256) == Judgement(Verdict.NO_ANSWER, failure)
    assert from_plain(Answer, json.loads(json.dumps(plain(answer)))) == answer


def test_a_silent_server_is_asked_again():
    seen: list[int] = []

    def late(question: DNSRecord, transport: str) -> DNSRecord | bytes | list[bytes] | None:
        seen.append(question.q.qtype)
        return serving(STRINGS)(question, transport) if seen.count(question.q.qtype) > 1 else None

    answer = ask_one(late, timeout_s=0.2)
    assert verdict(answer, KEY.sha256) is Verdict.THE_KEY


def forged(question: DNSRecord, transport: str) -> list[bytes]:
    """An answer with another key and a wrong id, and only then the true one."""
    false, true = (serving(strings)(question, transport) for strings in (OTHER, STRINGS))
    assert isinstance(false, DNSRecord)
    assert isinstance(true, DNSRecord)
    wire = bytes(false.pack())
    return [struct.pack("!H", question.header.id ^ 0x5555) + wire[2:], b"", b"\xff", bytes(true.pack())]


def test_a_forged_answer_is_passed_over():
    assert verdict(ask_one(forged), KEY.sha256) is Verdict.THE_KEY


def test_an_answer_from_another_port_is_not_taken():
    """Show what a port other than the one asked sends never reaches the question, its id and all being right."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own,
    ):
        own.bind(("127.0.0.1", 0))
        own.settimeout(60)

        def interfere() -> None:
            for _ in range(2):
                wire, peer = own.recvfrom(65535)
                question = DNSRecord.parse(wire)
                for sender, strings in ((stranger, OTHER), (own, STRINGS)):
                    answer = serving(strings)(question, "udp")
                    assert isinstance(answer, DNSRecord)
                    sender.sendto(answer.pack(), peer)

        thread = threading.Thread(target=interfere)
        thread.start()
        (answer,) = ask([Server("", "127.0.0.1", own.getsockname()[1])], [NAME])
        thread.join()
    assert verdict(answer, KEY.sha256) is Verdict.THE_KEY


def test_a_closed_port_and_a_missing_address_are_told_apart():
    answers = ask([Server("", "127.0.0.1", free_port()), Server("ns9.example.jp", "")], [NAME], timeout_s=0.3)
    assert [answer.failure for answer in answers] == ["port-closed", "no-address"]
