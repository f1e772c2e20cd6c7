"""`python -m server.embedded WORD`: all parts on one machine; -h lists the words."""

import argparse
import sys
from pathlib import Path

from server.embedded import control
from server.embedded.deployment import make_keys
from server.embedded.settings import PARTS, SettingError, Settings


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m server.embedded", description=__doc__)
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("up", help="start everything in the background")
    words.add_parser("down", help="stop everything, keep the data")
    words.add_parser("status", help="say how each part is")
    words.add_parser("restart", help="restart one part").add_argument("part", choices=PARTS)
    words.add_parser("reset", help="stop everything and forget the data")
    keys = words.add_parser("keys", help="make keys and credentials to try a deployment with")
    keys.add_argument("folder", type=Path)
    keys.add_argument("hosts", nargs="*", help="names in the certificate; localhost by default")
    words.add_parser("supervise").add_argument("lock", type=int)
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings.read()
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    match chosen.word:
        case "up":
            return control.up(settings)
        case "down":
            return control.down(settings)
        case "status":
            return control.show_status(settings)
        case "restart":
            return control.restart(settings, chosen.part)
        case "reset":
            return control.reset(settings)
        case "keys":
            make_keys(chosen.folder, chosen.hosts)
            print(f"keys and credentials are in {chosen.folder}")
            return 0
        case _:
            return control.supervise(settings, chosen.lock)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
