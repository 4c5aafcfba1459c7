"""A small corpus directory with silent recordings, to break in one place at a time; a server to download from."""

import gzip
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recipe.corpus.layout import PARTS


def write_recording(path: Path, seconds: float = 10.0, rate_hz: int = 16_000, channels: int = 1) -> None:
    shape = (int(seconds * rate_hz), channels)
    soundfile.write(path, np.zeros(shape, np.int16), rate_hz, format="NIST", subtype="PCM_16", endian="LITTLE")


@pytest.fixture
def recording():
    return write_recording


@pytest.fixture
def corpus(tmp_path) -> Path:
    """Two talks in each part, odd characters in the path, every other file of release 2 there."""
    root = tmp_path / "TED-LIUM für uns"
    for part in PARTS:
        for kind in ("sph", "stm"):
            (root / part / kind).mkdir(parents=True)
        for talk in ("Anna_2009", "Zoe.2_2012"):
            write_recording(root / part / "sph" / f"{talk}.sph")
            (root / part / "stm" / f"{talk}.stm").write_text(
                f"{talk} 1 {talk} 0.50 2.00 <F0_F> we don't know\n"
                f"{talk} 1 inter_segment_gap 2.00 3.00 <o,,unknown> ignore_time_segment_in_scoring\n"
                f"{talk} 1 Guest 3.00 5.25 <NA> imiss it\n",
                encoding="utf-8",
            )
    (root / "LM").mkdir()
    (root / "LM" / "news.en.gz").write_bytes(gzip.compress(b"some words\n"))
    (root / "TEDLIUM.152k.dic").write_text("we W IY\n")
    return root


class Handler(BaseHTTPRequestHandler):
    """Serves `server.content`: `stop_after` bytes an answer, with `ranges` or without, or an error `status`."""

    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get("Range"))
        if server.status:
            return self.send_error(server.status)
        start = int(self.headers["Range"][len("bytes=") : -1]) if server.ranges else 0
        body = server.content[start:]
        self.send_response(206 if server.ranges else 200)
        if server.ranges:
            last = len(server.content) - 1
            self.send_header("Content-Range", f"bytes {start + server.shift}-{last}/{len(server.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # the client may have seen enough
            self.wfile.write(body[: server.stop_after])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def serve(monkeypatch):
    """serve(content, ranges=True, stop_after=None, status=None, shift=0) -> (server, address)."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    servers = []

    def start(content, ranges=True, stop_after=None, status=None, shift=0):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.content, server.ranges, server.stop_after, server.status = content, ranges, stop_after, status
        server.shift, server.asked = shift, []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return server, f"http://127.0.0.1:{server.server_port}/some/archive.tar.gz"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
