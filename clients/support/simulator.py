"""The simulator as a process, and its control plane, which the clients under test know nothing of."""

import json
import os
import ssl
import subprocess
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def program(name, variable):
    """The program under test: where the variable says, else the dev build."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    path = Path(os.environ.get(variable) or target / "debug" / name)
    assert path.exists(), f"{path} is missing: build it, or say in {variable} where it is"
    return str(path)


class Simulator:
    """A running simulator; ends with its `with` block."""

    def __init__(self, *flags):
        command = [program("reseat-graph-sim", "RESEAT_GRAPH_SIM"), "--json", "--with-parent", *flags]
        # Only loopback is ever spoken to, whatever the machine's own proxy settings are.
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        assert line, "the simulator printed no ready line"
        self.ready = json.loads(line)
        self.tenant = self.ready["tenant_id"]
        self.https = self.ready["https_url"]
        self.http = self.ready["http_url"]
        self.ca_file = self.ready["ca_file"]
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def app(self, purpose):
        return next(app for app in self.ready["apps"] if app["purpose"] == purpose)

    def app_certificate(self, purpose):
        """The registered certificate as PEM, and the key it belongs to."""
        text = Path(self.app(purpose)["certificate_file"]).read_text()
        begin = text.index("-----BEGIN CERTIFICATE")
        end = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
        key = text[:begin] + text[end:]
        return text[begin:end], key.strip()

    def tls(self):
        return ssl.create_default_context(cafile=self.ca_file)

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.http}/_sim/{path}", data=data, method=method)
        request.add_header("content-type", "application/json")
        with self._opener.open(request, timeout=60) as answer:
            text = answer.read().decode()
        return text

    def journal(self, after=0):
        lines = self.control("GET", f"journal?after={after}").splitlines()
        return [json.loads(line) for line in lines]

    def last_seq(self):
        return max((entry["seq"] for entry in self.journal()), default=0)

    def truth(self, user):
        return json.loads(self.control("GET", f"users/{user}"))

    def patch(self, user, **change):
        return json.loads(self.control("PATCH", f"users/{user}", change))

    def advance(self, seconds):
        self.control("POST", "clock", {"advance_s": seconds})

    def stats(self):
        return json.loads(self.control("GET", "stats"))

    def mail(self):
        return json.loads(self.control("GET", "mail"))["messages"]
