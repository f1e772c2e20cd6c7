"""Check the contract with buf: its style, and that it breaks nothing that was released.

    python protos/lint.py             lint, then compare with protos/released.binpb
    python protos/lint.py --release   record the contract as released

buf resolves imports inside one module only, so the contract and Google's common types are laid
side by side in a temporary one; nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

PROTOS = Path(__file__).resolve().parent
RELEASED = PROTOS / "released.binpb"

WORKSPACE = """version: v2
modules:
  - path: contract
lint:
  use: [STANDARD]
  ignore: [contract/google]
breaking:
  use: [FILE]
  ignore: [contract/google]
"""


def lay_out(folder: Path) -> None:
    """Lay contract and common types out as one buf workspace."""
    shutil.copytree(PROTOS / "claimflow", folder / "contract" / "claimflow")
    google = Path(sysconfig.get_paths()["purelib"]) / "google"
    for name in ("rpc/status.proto", "rpc/error_details.proto", "type/date.proto"):
        target = folder / "contract" / "google" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(google / name, target)
    (folder / "buf.yaml").write_text(WORKSPACE)


def main() -> int:
    """Run buf and return its verdict."""
    buf = str(Path(sys.executable).parent / "buf")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder)
        if "--release" in sys.argv[1:]:
            return subprocess.run(
                [buf, "build", "--exclude-source-info", "-o", str(RELEASED)], cwd=folder
            ).returncode
        lint = subprocess.run([buf, "lint"], cwd=folder).returncode
        breaking = subprocess.run(
            [buf, "breaking", "--against", str(RELEASED)], cwd=folder
        ).returncode
        return lint or breaking


if __name__ == "__main__":
    sys.exit(main())
