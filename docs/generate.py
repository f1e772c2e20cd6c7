"""Write docs/workflow.md out of the rules; `--check` compares and exits 1 on a difference.

python docs/generate.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from claimflow.v1 import command_service_pb2, errors_pb2, options_pb2
from server.claims.commands import Command
from server.claims.events import EVENT_TYPES
from server.claims.intake import EDITS
from server.claims.model import TERMINAL, State
from server.claims.permissions import PERMISSIONS
from server.claims.policy import policy_from_json
from server.claims.refusals import Refusal
from server.claims.transitions import TRANSITIONS
from server.claims.workflow import ALLOWED, OF_MANY, REASONED

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "workflow.md"
STRICT = ROOT / "server" / "command" / "policies" / "strict.json"

SHORT = {
    State.RECEIVED: "RCVD", State.REJECTED: "REJ", State.ACCEPTED: "ACC", State.PENDED: "PEND",
    State.INFO_REQUESTED: "INFO", State.ADJUDICATED: "ADJ", State.PENDING_APPROVAL: "PAPR",
    State.APPROVED: "APPR", State.DENIED: "DEN", State.PAID: "PAID", State.CLOSED: "CLSD",
    State.VOIDED: "VOID", State.REPLACED: "REPL",
}  # fmt: skip

MEANING = {
    State.RECEIVED: "stored, numbered, receipt date frozen; left in the same transaction",
    State.REJECTED: "failed an intake edit; never adjudicated, no appeal",
    State.ACCEPTED: "in adjudication, nothing open",
    State.PENDED: "a pend is open, no request for information",
    State.INFO_REQUESTED: "a request for information is open; the clock may stand still",
    State.ADJUDICATED: "every line is decided and balances; not final",
    State.PENDING_APPROVAL: "waits for approvals by other people",
    State.APPROVED: "final, awaits its remittance",
    State.DENIED: "final, every line denied",
    State.PAID: "told by a remittance; the amount may be 0.00",
    State.CLOSED: "no work is left",
    State.VOIDED: "withdrawn; what was paid is taken back",
    State.REPLACED: "an accepted replacement took its place",
}

DIAGRAM = """\
 SubmitClaim
     │
     ▼            edit rejects
 RECEIVED ──────────────────────────▶ REJECTED ■
     │ accepted                          exact duplicate or wholly late: denied at once ──▶ DENIED
     ▼
 ACCEPTED ◀────────── last pend resolved ───────── PENDED ◀─┐
  │  │  ▲                 PendClaim ─────────────────▲      │ answered or expired,
  │  │  │                 RequestInformation ──▶ INFO_REQUESTED   a pend still open
  │  │  └──────────────── answered or expired ─────┘
  │  │
  │  └── AdjudicateClaim ──▶ ADJUDICATED ── FinalizeClaim ──────────┐
  │          │                  │  ▲ again: AdjudicateClaim          │
  │          │                  └── PendClaim ──▶ PENDED             │
  │          │ needs approvals                                       ▼
  │          └──────────▶ PENDING_APPROVAL ── last approval ──▶ APPROVED or DENIED
  │                              │                                   │        │
  ◀── ReturnForRework ───────────┘                IssueRemittance ───┘        │ (told, stays)
  │                                                     ▼                     │
  ◀── ReopenClaim, appeal overturned ─────────────── PAID ── CloseClaim ──▶ CLOSED
                                                        │
                          ReportPaymentFailure ──▶ APPROVED

 from every state between ACCEPTED and CLOSED:  VoidClaim, frequency 8 ──▶ VOIDED ■
                                                accepted frequency 7 ────▶ REPLACED ■"""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _methods() -> dict[str, Any]:
    service = command_service_pb2.DESCRIPTOR.services_by_name["CommandService"]
    return {method.name: method for method in service.methods}


def _comments() -> dict[str, str]:
    """Return the comment of each method of the contract, as one line."""
    found: dict[str, str] = {}
    pending: list[str] = []
    proto = ROOT / "protos" / "claimflow" / "v1" / "command_service.proto"
    for line in proto.read_text("utf-8").splitlines():
        text = line.strip()
        if text.startswith("//"):
            pending.append(text.removeprefix("//").strip())
        elif text.startswith("rpc "):
            found[text.split("(")[0].removeprefix("rpc ").strip()] = " ".join(pending)
            pending = []
        else:
            pending = []
    return found


def _refused(comment: str) -> str:
    _, _, listed = comment.partition("Refused: ")
    return listed.rstrip(".").replace(", ", " ") or " "


def _told(name: str, comment: str) -> str:
    text = comment.partition(" Refused: ")[0]
    _, found, rest = text.partition("of domain.md 1.4. ")
    return rest if found else text


def _commands() -> Iterator[str]:
    comments = _comments()
    yield from _table(
        ("command", "who", "what it does", "refused with"),
        (
            (
                f"`{kind.__name__}`{' (R)' if kind in REASONED else ''}",
                ", ".join(sorted(PERMISSIONS[kind].roles)),
                _told(kind.__name__, comments[kind.__name__]),
                _refused(comments[kind.__name__]),
            )
            for kind in ALLOWED
            if kind.__name__ in comments
        ),
    )


def _matrix() -> Iterator[str]:
    def cell(kind: type[Command], state: State) -> str:
        return "Y" if state in ALLOWED[kind] else " "

    yield from _table(
        ("command", *SHORT.values()),
        (
            (f"`{kind.__name__}`", *(cell(kind, state) for state in State))
            for kind in ALLOWED
            if ALLOWED[kind]
        ),
    )


def _moves() -> Iterator[str]:
    by_event: dict[str, dict[str, list[str]]] = {name: {} for name in EVENT_TYPES}
    order = {state: place for place, state in enumerate(State)}
    moves = sorted(
        TRANSITIONS,
        key=lambda one: (order.get(one[1], -1), order[one[2]]),  # type: ignore[arg-type]
    )
    for event, before, after in moves:
        to = "stays" if before == after else f"→ {after.value}"
        by_event[event].setdefault(to, []).append(before.value if before else "nothing")
    for event, moves_of in by_event.items():
        parts = [
            f"{', '.join(states)} {to}" if len(states) < len(State) else f"every state {to}"
            for to, states in moves_of.items()
        ]
        yield f"- `{event}`: {'; '.join(parts)}"


def _refusals() -> Iterator[str]:
    extension: Any = errors_pb2.reason if hasattr(errors_pb2, "reason") else options_pb2.reason
    values = errors_pb2.ErrorReason.DESCRIPTOR.values_by_name
    rows = []
    for refusal in sorted(Refusal):
        policy = values[f"ERROR_REASON_{refusal.value}"].GetOptions().Extensions[extension]
        retry = options_pb2.RetryClass.Name(policy.retry).removeprefix("RETRY_CLASS_")
        rows.append((f"`{refusal.value}`", policy.message, retry))
    yield from _table(("reason", "it says", "retry"), rows)


def _edits() -> Iterator[str]:
    policy = policy_from_json(STRICT.read_text("utf-8"), 0)

    def severity(edit_id: str) -> str:
        general = policy.severity(edit_id, "")
        others = [
            f"{kind} {policy.severity(edit_id, kind)}"
            for kind in ("PROFESSIONAL", "INSTITUTIONAL", "DENTAL")
            if policy.severity(edit_id, kind) != general
        ]
        return ", ".join([general, *others])

    yield from _table(
        ("edit", "demands", "severity (strict)", "277CA"),
        (
            (
                edit.edit_id,
                edit.description,
                severity(edit.edit_id),
                ":".join(policy.edit_answers[edit.edit_id]),
            )
            for edit in EDITS.values()
        ),
    )


def _names(kinds: Iterable[type[Command]]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(kind.__name__ for kind in kinds))


def document() -> str:
    """Return the whole of docs/workflow.md."""
    lines = [
        "<!-- Written by docs/generate.py from the rules (`make docs`); do not edit. -->",
        "# The workflow of a claim",
        "",
        "What a claim may do, as `server/claims/` decides it. (R) marks commands that need a reason"
        " code. ■ is the end: a terminal claim takes notes alone.",
        "",
        "```",
        DIAGRAM,
        "```",
        "",
        "## States",
        "",
        *_table(
            ("state", "meaning"),
            (
                (f"`{state.value}`{' ■' if state in TERMINAL else ''}", MEANING[state])
                for state in State
            ),
        ),
        "",
        "## Which command is allowed when",
        "",
        "Anything else is refused with `TRANSITION_NOT_ALLOWED` and writes nothing. Commands on the"
        f" claims of a remittance ({_names(OF_MANY)}) look at each of its claims. `RecordBreach` is"
        " the system's own.",
        "",
        *_matrix(),
        "",
        "## Commands",
        "",
        "Every command may also be refused with `PERMISSION_MISSING`, `CLAIM_NOT_FOUND`,"
        " `VERSION_MISMATCH` and `TRANSITION_NOT_ALLOWED`.",
        "",
        *_commands(),
        "",
        "## Events, and the moves they make",
        "",
        *_moves(),
        "",
        "## Intake edits",
        "",
        "The policy says for each edit what its faults do: OFF, WARN, PEND, REJECT, or DENY at"
        " once.",
        "",
        *_edits(),
        "",
        "## Refusals",
        "",
        *_refusals(),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Write or compare the document."""
    text = document()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text("utf-8") != text:
            print("docs/workflow.md is not what the rules say: make docs")
            return 1
        return 0
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
