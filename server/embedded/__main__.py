"""`python -m server.embedded WORD`: all parts on one machine; -h lists the words."""

import argparse
import sys
from datetime import datetime
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
    backup = words.add_parser(
        "backup", help="copy the database whole, and keep its log from now on"
    )
    backup.add_argument("folder", type=Path)
    restore = words.add_parser("restore", help="put the database back to a moment of a backup")
    restore.add_argument("folder", type=Path)
    point = restore.add_mutually_exclusive_group()
    point.add_argument("--to", type=_moment, metavar="TIME", help="such as 2026-01-31T12:00:00Z")
    point.add_argument("--to-lsn", default="", metavar="POSITION", help="such as 0/16B3748")
    drill = words.add_parser("drill", help="back up, restore, start, and print what that proved")
    drill.add_argument("--claims", type=int, default=200, help="submitted in each of three parts")
    drill.add_argument("--keep", action="store_true", help="leave the folder of the drill")
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
        case "backup" | "restore":
            return _save(settings, chosen)
        case "drill":
            return _drill(settings, chosen)
        case "keys":
            make_keys(chosen.folder, chosen.hosts)
            print(f"keys and credentials are in {chosen.folder}")
            return 0
        case _:
            return control.supervise(settings, chosen.lock)


def _drill(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.embedded.drill import drill  # needs the client, which the other words do without

    return drill(settings, claims=chosen.claims, keep=chosen.keep)


def _save(settings: Settings, chosen: argparse.Namespace) -> int:
    from server.embedded import saving
    from server.embedded.backup import BackupError
    from server.embedded.process import StartError
    from server.embedded.restore import Target

    try:
        if chosen.word == "backup":
            return saving.back_up(settings, chosen.folder)
        return saving.put_back(settings, chosen.folder, Target(chosen.to, chosen.to_lsn))
    except (BackupError, StartError) as error:
        print(error, file=sys.stderr)
        return 1


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say the zone too: 2026-01-31T12:00:00Z")
    return moment


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
