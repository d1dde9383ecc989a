"""A server on this computer that answers as the test wants when it is asked for the newest release."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer; what is no bytes is sent as JSON."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


class ReleaseServer:
    """Counts who asks.

    Attributes:
        answer: What it says.
        asked: Headers of every request, in small letters.
        url: Its address.
    """

    def __init__(self) -> None:
        self.answer: Answer = says({"tag_name": "v99.1.0"})
        self.asked: list[dict[str, str]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
                try:
                    owner.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    # Whoever asked has heard enough.
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/latest"


@contextmanager
def release_server() -> Iterator[ReleaseServer]:
    """One that answers until the end."""
    release = ReleaseServer()
    thread = threading.Thread(target=release.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield release
    release.server.shutdown()
    release.server.server_close()
    thread.join()
