import socket
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import pytest
from dns.rdatatype import TXT

from byodkim.checks.world import Server
from byodkim.dns.ask import ask
from tests.dns.daemons import free_port
from tests.dns.faulty import NAME, faulty, reply, truncated

KEY = '"v=DKIM1; p=QUFB"'


def other_question(question):
    other = dns.message.make_query("other.example.jp", TXT, id=question.id)
    return reply(other, KEY).to_wire()


def wrong_id(question):
    answer = reply(question, KEY)
    answer.id ^= 0x5555
    return answer.to_wire()


def whole(question):
    return reply(question, KEY).to_wire()


#: What is sent back over UDP, and over TCP; no answer for None.
@pytest.mark.parametrize(
    ("udp", "tcp", "failure", "transport"),
    [
        (None, None, "timeout", "udp"),
        (lambda _question: b"\0\0 not DNS at all", None, "malformed", "udp"),
        (lambda question: whole(question)[:-8], None, "malformed", "udp"),
        (lambda question: question.to_wire(), None, "malformed", "udp"),
        (other_question, None, "malformed", "udp"),
        (wrong_id, None, "malformed", "udp"),
        (truncated, truncated, "malformed", "tcp"),
        (truncated, lambda _question: b"\0" * 20, "malformed", "tcp"),
        (truncated, None, "truncated", "tcp"),
        (truncated, whole, "", "tcp"),
    ],
)
def test_faulty_servers(udp, tcp, failure, transport):
    def respond(question, asked_over):
        send = udp if asked_over == "udp" else tcp
        return [send(question)] if send else []

    with faulty(respond) as running:
        answer = ask(running.server, NAME, TXT, timeout_s=0.2)
    assert (answer.failure, answer.transport) == (failure, transport)
    assert (answer.message is None) == bool(failure)


def test_truncated_answer_and_closed_tcp_port():
    with faulty(lambda question, _transport: [truncated(question)], tcp=False) as running:
        assert ask(running.server, NAME, TXT, timeout_s=0.5).failure == "truncated"


def test_closed_port_fails_at_once():
    began = time.monotonic()
    assert ask(Server("", "127.0.0.1", free_port()), NAME, TXT, timeout_s=20).failure == (
        "unreachable"
    )
    assert time.monotonic() - began < 10


def test_a_lost_question_is_repeated_once():
    def answer_the_second(question, _transport):
        return [reply(question, KEY).to_wire()] if len(running.questions) == 2 else []

    with faulty(answer_the_second) as running:
        assert ask(running.server, NAME, TXT, timeout_s=0.3).message
    assert running.questions == [("udp", 0), ("udp", 0)]


@pytest.mark.parametrize("rcode", [dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.SERVFAIL])
def test_an_error_is_not_asked_again_without_edns(rcode):
    def refuse(question, _transport):
        return [reply(question, rcode=rcode).to_wire()]

    with faulty(refuse) as running:
        answer = ask(running.server, NAME, TXT)
    assert answer.message
    assert answer.message.rcode() == rcode
    assert running.questions == [("udp", 0)]


@pytest.mark.parametrize("recursive", [True, False])
def test_only_resolvers_are_asked_to_recurse(recursive):
    flags = []

    def keep_flags(question, _transport):
        flags.append(bool(question.flags & dns.flags.RD))
        return [reply(question, KEY).to_wire()]

    with faulty(keep_flags) as running:
        ask(running.server, NAME, TXT, recursive=recursive)
    assert flags == [recursive]


def test_answers_from_another_port_are_ignored():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own,
    ):
        own.bind(("127.0.0.1", 0))

        def interfere():
            wire, peer = own.recvfrom(65535)
            question = dns.message.from_wire(wire)
            stranger.sendto(reply(question, '"forged"').to_wire(), peer)
            own.sendto(reply(question, '"true"').to_wire(), peer)

        thread = threading.Thread(target=interfere)
        thread.start()
        answer = ask(Server("", "127.0.0.1", own.getsockname()[1]), NAME, TXT, timeout_s=20)
        thread.join()
    assert answer.message
    assert answer.message.answer[0][0].strings == (b"true",)
