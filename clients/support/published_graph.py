"""A Graph made of other people's published examples.

No package that plays Graph itself is to be had from the registries (docs/simulator.md). What is to be had is the
documentation of the CLI for Microsoft 365, which comes with the package: it shows what Graph answered to its authors.
This server repeats those answers word for word, and asks for a token that the double of the platform has signed.
"""

import json
import re
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt

DOCUMENTS = Path(__file__).resolve().parents[1] / "node_modules/@pnp/cli-microsoft365/docs/docs/cmd"


def example(page):
    """The first JSON answer that a page of the documentation shows."""
    text = (DOCUMENTS / page).read_text()
    return json.loads(re.search(r"```json\s*(.*?)```", text[text.index("## Response"):], re.DOTALL).group(1))


class PublishedGraph:
    """Runs until its `with` block ends; `more` is put into every person, for what the examples leave out."""

    def __init__(self, more=None):
        self.keys = {}
        people = [person | (more or {}) for person in example("entra/user/user-list.mdx")]
        self.answers = {"/v1.0/subscribedSkus": example("entra/license/license-list.mdx"), "/v1.0/users": people}
        self.asked = []
        graph = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, body = graph.answer(self.path, self.headers)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json; odata.metadata=minimal; charset=utf-8")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def trust(self, platform):
        """Takes tokens of this platform from now on."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{platform}/keys", timeout=20) as answer:
            keys = json.loads(answer.read())["keys"]
        self.keys = {key["kid"]: jwt.PyJWK(key) for key in keys if key["kty"] == "RSA"}
        return self

    def answer(self, path, headers):
        self.asked.append(path)
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        try:
            key = self.keys[jwt.get_unverified_header(bearer)["kid"]]
            jwt.decode(bearer, key, algorithms=["RS256", "PS256"], options={"verify_aud": False})
        except (jwt.PyJWTError, KeyError):
            return 401, {"error": {"code": "InvalidAuthenticationToken", "message": "Access token validation failure."}}
        value = self.answers.get(path.split("?")[0])
        if value is None:
            return 403, {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation."}}
        return 200, {"value": value}
