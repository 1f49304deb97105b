"""The server as a measured process: what `bench/` has for that, for tests too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import pages  # noqa: E402, F401
from tenant import Server  # noqa: E402, F401
