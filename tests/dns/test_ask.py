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


def silence(_question: dns.message.Message, _transport: str) -> list[bytes]:
    return []


def noise(_question: dns.message.Message, _transport: str) -> list[bytes]:
    return [b"\0\0 not DNS at all"]


def half(question: dns.message.Message, _transport: str) -> list[bytes]:
    return [reply(question, KEY).to_wire()[:-8]]


def echo(question: dns.message.Message, _transport: str) -> list[bytes]:
    return [question.to_wire()]


def other_question(question: dns.message.Message, _transport: str) -> list[bytes]:
    other = dns.message.make_query("other.example.jp", TXT, id=question.id)
    return [reply(other, KEY).to_wire()]


def wrong_id(question: dns.message.Message, _transport: str) -> list[bytes]:
    answer = reply(question, KEY)
    answer.id ^= 0x5555
    return [answer.to_wire()]


def cut_on_both(question: dns.message.Message, _transport: str) -> list[bytes]:
    return [truncated(question)]


def silent_on_tcp(question: dns.message.Message, transport: str) -> list[bytes]:
    return [truncated(question)] if transport == "udp" else []


def noise_on_tcp(question: dns.message.Message, transport: str) -> list[bytes]:
    return [truncated(question)] if transport == "udp" else [b"\0" * 20]


def whole_on_tcp(question: dns.message.Message, transport: str) -> list[bytes]:
    return [truncated(question) if transport == "udp" else reply(question, KEY).to_wire()]


@pytest.mark.parametrize(
    ("respond", "failure", "transport"),
    [
        (silence, "timeout", "udp"),
        (noise, "malformed", "udp"),
        (half, "malformed", "udp"),
        (echo, "malformed", "udp"),
        (other_question, "malformed", "udp"),
        (wrong_id, "malformed", "udp"),
        (cut_on_both, "malformed", "tcp"),
        (noise_on_tcp, "malformed", "tcp"),
        (silent_on_tcp, "truncated", "tcp"),
        (whole_on_tcp, "", "tcp"),
    ],
)
def test_faulty_servers(respond, failure, transport):
    with faulty(respond) as running:
        answer = ask(running.server, NAME, TXT, timeout_s=0.2)
    assert (answer.failure, answer.transport) == (failure, transport)
    assert (answer.message is None) == bool(failure)


def test_truncated_answer_and_closed_tcp_port():
    with faulty(whole_on_tcp, tcp=False) as running:
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
