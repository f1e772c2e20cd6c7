"""Generate the Python code of the contract, or check that the committed code is fresh.

python protos/generate.py           write protos/gen
python protos/generate.py --check   fail when protos/gen is not what the contract gives
"""

from __future__ import annotations

import filecmp
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

PROTOS = Path(__file__).resolve().parent
GENERATED = PROTOS / "gen"


def generate(target: Path) -> None:
    """Write messages, services and their type stubs below a folder."""
    common = sysconfig.get_paths()["purelib"]  # google/rpc and google/type come with a package
    scripts = Path(sys.executable).parent
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", f"-I{common}"]
    files = sorted((PROTOS / "claimflow" / "v1").glob("*.proto"))
    services = [file for file in files if file.stem.endswith("_service")]
    subprocess.run(
        [*protoc, f"--python_out={target}", f"--pyi_out={target}", *map(str, files)], check=True
    )
    # Only files with services: protoc would write empty modules for the others.
    subprocess.run(
        [
            *protoc,
            f"--grpc_python_out={target}",
            f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
            f"--mypy_grpc_out=quiet:{target}",
            *map(str, services),
        ],
        check=True,
    )


def stale() -> list[str]:
    """Return the names of generated files that differ, are missing or are left over."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        names = {
            str(file.relative_to(root))
            for root in (fresh, GENERATED)
            for file in root.rglob("*.py*")
            if "__pycache__" not in file.parts
        }
        return sorted(
            name
            for name in names
            if not (fresh / name).exists()
            or not (GENERATED / name).exists()
            or not filecmp.cmp(fresh / name, GENERATED / name, shallow=False)
        )


def main() -> int:
    """Generate or check."""
    if "--check" not in sys.argv[1:]:
        GENERATED.mkdir(exist_ok=True)
        generate(GENERATED)
        return 0
    different = stale()
    for name in different:
        print(f"protos/gen/{name} is not fresh: run `make protos`", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
