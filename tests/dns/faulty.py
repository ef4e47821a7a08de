"""A name server on real sockets that answers as a function says: wrongly, or not at all."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from byodkim.checks.world import Server
from tests.dns.daemons import free_port

NAME = "mail-1._domainkey.example.jp"

#: From a question and its transport to the messages that are sent back.
Respond = Callable[[dns.message.Message, str], list[bytes]]


class Faulty:
    """A running server: its address, and each question's transport and EDNS version (-1: none)."""

    def __init__(self, respond: Respond) -> None:
        self.server = Server("", "127.0.0.1", free_port())
        self.questions: list[tuple[str, int]] = []
        self._respond = respond

    def answer(self, wire: bytes, transport: str) -> list[bytes]:
        question = dns.message.from_wire(wire)
        self.questions.append((transport, question.edns))
        return self._respond(question, transport)


@contextmanager
def faulty(respond: Respond, *, tcp: bool = True) -> Iterator[Faulty]:
    """Answer as ``respond`` says; nothing listens on TCP unless ``tcp``."""
    running = Faulty(respond)

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, udp = self.request
            for message in running.answer(wire, "udp"):
                udp.sendto(message, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (size,) = struct.unpack("!H", self.rfile.read(2))
            for message in running.answer(self.rfile.read(size), "tcp"):
                self.wfile.write(struct.pack("!H", len(message)) + message)

    address = (running.server.address, running.server.port)
    with ExitStack() as stack:
        servers: list[socketserver.BaseServer] = [socketserver.UDPServer(address, Udp)]
        if tcp:
            servers.append(socketserver.TCPServer(address, Tcp))
        for server in servers:
            stack.enter_context(server)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield running


def reply(
    question: dns.message.Message, *records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR
) -> dns.message.Message:
    """Return an authoritative answer with TXT records, in master-file spelling."""
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.AA
    answer.set_rcode(rcode)
    owner = question.question[0].name
    if records:
        answer.answer.append(dns.rrset.from_text(owner, 60, "IN", "TXT", *records))
    return answer


def truncated(question: dns.message.Message) -> bytes:
    """Return an empty answer with the TC bit."""
    answer = reply(question)
    answer.flags |= dns.flags.TC
    return answer.to_wire()
