"""A DNS server on 127.0.0.1 that knows the TXT records it is given."""

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@contextmanager
def knowing(records: Mapping[str, Sequence[str]], *, broken: bool = False) -> Iterator[str]:
    """The server's address for `doctor.resolver`; `broken`, it fails at every question."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, connection = self.request
            query = dns.message.from_wire(packet)
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.RA
            name = query.question[0].name
            texts = records.get(name.to_text(omit_final_dot=True))
            if broken:
                reply.set_rcode(dns.rcode.SERVFAIL)
            elif texts is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            elif texts:
                quoted = (" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in texts)
                reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
            connection.sendto(reply.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1#{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
