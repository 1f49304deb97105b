"""Microsoft's own host names, answered by the simulator.

A proxy on loopback: a client that is told nothing but a proxy and one more certificate authority asks for
`login.microsoftonline.com` and `graph.microsoft.com` as it always does, and reaches the simulator. What was asked for
stays in the `Host` header, so the simulator's links name Microsoft's hosts too. Loopback addresses pass untouched,
and no other host is ever connected to.
"""

import asyncio
import datetime
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MICROSOFT = ("login.microsoftonline.com", "graph.microsoft.com")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_certificates(folder):
    """A throw-away authority and a certificate for Microsoft's hosts; gives the files (authority, chain and key)."""
    folder = Path(folder)
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    end = begin + datetime.timedelta(days=30)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(subject, issuer, public_key):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        )

    ca_name = _name("Reseat test front door")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )
    authority = (
        builder(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    certificate = (
        builder(_name(MICROSOFT[0]), ca_name, key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in MICROSOFT]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    ca_file, server_file = folder / "front-door-ca.pem", folder / "front-door.pem"
    ca_file.write_bytes(authority.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server_file.write_bytes(certificate.public_bytes(pem) + private)
    return ca_file, server_file


class FrontDoor:
    """The proxy; `url` is what clients are told, `asked` which hosts they asked for, `refused` which in vain."""

    def __init__(self, simulator, folder):
        self.asked, self.refused = [], []
        ca_file, server_file = make_certificates(folder)
        self.bundle = Path(folder) / "bundle.pem"
        self.bundle.write_text(ca_file.read_text() + Path(simulator.ca_file).read_text())
        self._inward = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._inward.load_cert_chain(server_file)
        self._outward = simulator.tls()
        self._target = int(simulator.https.rsplit(":", 1)[1])
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(20), "the front door did not open"

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        self._loop.run_forever()

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def environment(self):
        """What a machine behind such a proxy has set for every program."""
        names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY")
        bundles = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        return dict.fromkeys(names, self.url) | dict.fromkeys(bundles, str(self.bundle)) | {"NO_PROXY": "", "no_proxy": ""}

    async def _serve(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            host, _, port = target.rpartition(":")
            self.asked.append(host)
            if method != "CONNECT" or host not in MICROSOFT + LOOPBACK:
                self.refused.append(target)
                writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
                return
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            if host in MICROSOFT:
                await writer.start_tls(self._inward)
                there = await asyncio.open_connection(
                    "127.0.0.1", self._target, ssl=self._outward, server_hostname="localhost"
                )
            else:
                there = await asyncio.open_connection(host.strip("[]"), int(port))
            await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))
        except (OSError, asyncio.IncompleteReadError):
            # The client went away.
            pass
        finally:
            writer.close()


async def _pump(source, sink):
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except OSError:
        # One side is gone; closing the other tells it.
        pass
    finally:
        sink.close()
