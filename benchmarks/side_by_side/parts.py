"""Where the real programs are; they are fetched where they are missing."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ROOT / ".parts/root/usr"
PROMETHEUS = PARTS / "bin/prometheus"
EXPORTER = PARTS / "bin/prometheus-blackbox-exporter"
NGINX = PARTS / "sbin/nginx"
LIBRARIES = PARTS / "lib/x86_64-linux-gnu"
EVIDENCED = ROOT / ".venv/bin/evidenced"


def fetch() -> None:
    """Have all programs there."""
    if not all(program.exists() for program in (PROMETHEUS, EXPORTER, NGINX)):
        subprocess.run([ROOT / "tools/parts"], check=True)  # noqa: S603  ours
