"""A proxy that leaves nothing of the simulator's own: no `/_sim` path, no header that Microsoft does not document.

It has the simulator's port on another loopback address, so that links back lead through it.
"""

import asyncio
import threading
from urllib.parse import urlsplit

ADDRESS = "127.0.0.2"
REQUEST_HEADERS = {
    "host", "authorization", "accept", "content-type", "content-length", "consistencylevel", "prefer", "client-request-id",
    "if-none-match", "user-agent", "accept-encoding",
}
ANSWER_HEADERS = {
    "content-type", "content-length", "content-encoding", "vary", "location", "retry-after", "date", "etag", "request-id", "client-request-id",
    "www-authenticate", "cache-control", "preference-applied", "x-ms-throttle-limit-percentage",
    "x-ms-throttle-scope", "x-ms-throttle-information", "x-ms-resource-unit",
}


class StrippingProxy:
    """`refused` holds what asked for the control plane, `dropped` the names of headers that were taken away."""

    def __init__(self, simulator_url):
        self.port = urlsplit(simulator_url).port
        self.url = f"http://{ADDRESS}:{self.port}"
        self.refused, self.dropped, self.passed = [], set(), 0
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(20), "the proxy did not start"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, ADDRESS, self.port))
        started.set()
        self._loop.run_forever()
        server.close()

    async def _serve(self, reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", self.port)
            while await self._exchange(reader, writer, *there):
                pass
            there[1].close()
        except (OSError, asyncio.IncompleteReadError):
            # Either side has hung up.
            pass
        finally:
            writer.close()

    async def _exchange(self, reader, writer, sim_reader, sim_writer):
        first, headers, body = await self._message(reader, REQUEST_HEADERS)
        path = first.split(" ")[1]
        if "/_sim" in path:
            self.refused.append(path)
            return False
        sim_writer.write(_text(first, headers) + body)
        await sim_writer.drain()
        answer = await self._message(sim_reader, ANSWER_HEADERS)
        writer.write(_text(answer[0], answer[1]) + answer[2])
        await writer.drain()
        self.passed += 1
        return True

    async def _message(self, reader, known):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers, length = [], 0
        for line in filter(None, head[1:]):
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            if name.lower() in known:
                headers.append(line)
            else:
                self.dropped.add(name.lower())
        return head[0], headers, await reader.readexactly(length)


def _text(first, headers):
    return "\r\n".join([first, *headers, "", ""]).encode("latin-1")
