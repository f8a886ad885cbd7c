"""A server that speaks as OpenAI's chat completions do, on a port of its own, and says what a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from include.portraits.endpoint import Connection, Endpoint

EMPTY: dict[str, Any] = {"portrait": [], "interests": [], "preferences": []}


@dataclass(frozen=True)
class Response:
    """What goes over the wire. `slowly`: seconds before each of ten parts of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    slowly: float = 0.0


@dataclass
class Served:
    """`asked`: bodies of all requests so far. `headers`: of each."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def said(content: object, **usage: int) -> Response:
    """A completion whose text is `content`, as JSON if it is no text."""
    text = content if isinstance(content, str) else json.dumps(content)
    body = {"choices": [{"message": {"role": "assistant", "content": text}}]}
    return Response(body=json.dumps(body | ({"usage": usage} if usage else {})).encode())


@contextmanager
def serving(answer: Callable[[int, dict[str, Any]], Response]) -> Iterator[Served]:
    """While it lasts, `answer(n, body)` is what the server sends to the request number n, from 0."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                served.asked.append(body)
                served.headers.append(dict(self.headers) | {"path": self.path})
                n = len(served.asked) - 1
            self._send(answer(n, body))

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in {"Content-Length": str(len(response.body)), **response.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            size = -(-len(response.body) // 10) or 1
            try:
                for start in range(0, len(response.body), size):
                    time.sleep(response.slowly)
                    self.wfile.write(response.body[start : start + size])
            except OSError:
                self.close_connection = True  # who asked has gone

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def connected(
    answer: Callable[[int, dict[str, Any]], Response], **settings: Any
) -> Iterator[tuple[Connection, Served]]:
    """A connection to a server while it serves. Settings are those of Endpoint."""
    with serving(answer) as served:
        settings = {"timeout": 20.0, "tries": 3, "first_wait": 0.01, "key_file": None, **settings}
        connection = Connection(Endpoint(served.url, "tiny", **settings))
        try:
            yield connection, served
        finally:
            connection.close()


def in_turn(*responses: Response) -> Callable[[int, dict[str, Any]], Response]:
    """The last of them for ever."""
    return lambda n, _: responses[min(n, len(responses) - 1)]
