"""Become another program: end with the parent, give up root, then exec.

Run by path with nothing but the standard library, as the last step before a child's own program:
code between fork and exec of a process with threads is not safe, this is a process of its own.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys

_SET_PDEATHSIG = 1
_SET_KEEPCAPS = 8
_AMBIENT = 47
_AMBIENT_RAISE = 2
_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    """Apply the options (a JSON object, first) and exec the rest."""
    options = json.loads(arguments[0])
    command = arguments[1:]
    library = ctypes.CDLL(None, use_errno=True)
    linux = sys.platform.startswith("linux")
    if options["uid"] is not None:
        search = options["search"] and linux
        if search:
            library.prctl(_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(options["gid"])
        os.setuid(options["uid"])
        if search:
            _keep_search(library)
    if linux:
        # After setuid: a change of identity clears it.
        library.prctl(_SET_PDEATHSIG, options["death_signal"], 0, 0, 0)
        if os.getppid() != options["parent"]:
            sys.exit("the parent ended before its child began")
    os.execv(command[0], command)


def _keep_search(library: ctypes.CDLL) -> None:
    # A checkout or a home may lie under a folder that only root enters. Opening that folder to
    # everybody would outlive us; the right to pass through it ends with the process.
    header = struct.pack("II", _CAPABILITY_VERSION_3, 0)
    mask = 1 << _DAC_READ_SEARCH
    if library.capset(header, struct.pack("6I", mask, mask, mask, 0, 0, 0)) != 0:
        return  # the program will say itself what it cannot reach
    library.prctl(_AMBIENT, _AMBIENT_RAISE, _DAC_READ_SEARCH, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
