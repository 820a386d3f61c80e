"""The two keyings of a paper questionnaire: their drafts, and the entry code that decrypts them.

Unencrypted keyings are found by the number of the paper. If responses are encrypted, first keyings
are encrypted as well. The code of an encrypted keying is derived from the number of the paper and
from an entry code, which is not stored on the machine: anyone who knows both can open the draft.
The code of the first keying is derived from the code of the second, so that a resumed second keying
gives access to its own first keying, but to no other paper.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.crypto.keys import LOCKED_SYMBOLS, derived_code, draft_key
from microcred_cli.errors import InvalidAnswer, StoreError
from microcred_cli.i18n import N_, NOTED, _
from microcred_cli.records.receipts import new_code, parse, show
from microcred_cli.session.draft_keeper import are_same
from microcred_cli.store.drafts import Drafts, is_key
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview import Screen
    from microcred_cli.records.shapes import Draft

_LONGEST_CODE = 40

WHICH_CODE = N_("Entry code of this survey round?")
WHICH_CODE_HOW = N_("Type the code and press Enter; press Enter alone to create one:")
NEW_CODE = N_(
    "New entry code: {code}. First keyings are encrypted, and can be decrypted only with this "
    "code. Please "
    "write it down now, keep it away from this machine, and use it for all papers of the round."
)
WAITING = N_("First keyings stored under this code: {count}.")
PAUSED = N_("Paused keyings under this code: {count}.")
WAITING_ELSEWHERE = N_("First keyings stored under other codes: {count}.")
NOT_FOUND = N_(
    "Drafts on this machine that cannot be read: {count}. First keyings among them will not be "
    "found. To list the drafts: microcred drafts"
)


def ask_entry_code(drafts: Drafts, screen: Screen) -> tuple[str, str] | None:
    """Ask for the entry code, or create one; return the code and a notice, or None to leave.

    The notice contains the numbers of first keyings and of paused keyings that were found with the
    code, so that the user notices a wrong code.
    """
    problem = ""
    while True:
        typed = screen.type_in(_(WHICH_CODE), _(WHICH_CODE_HOW), problem, most=_LONGEST_CODE)
        if typed is None or typed.startswith(":"):
            return None
        try:
            code = parse(typed, LOCKED_SYMBOLS) if typed else new_code(LOCKED_SYMBOLS)
        except InvalidAnswer as invalid:
            problem = f"{safe(invalid.message)} {safe(invalid.hint)}"
            continue
        if not typed and not is_noted(screen, _(NEW_CODE).format(code=show(code))):
            return None
        return code, _waiting(drafts, code)


def is_noted(screen: Screen, text: str) -> bool:
    """Show a code until the user confirms that it is written down; False if they leave."""
    if screen.watched:
        return screen.choose(text, [("noted", _(NOTED))]) is not None
    screen.say(text)
    return True


def _waiting(drafts: Drafts, code: str) -> str:
    own, paused = draft_key(code).name, 0
    desks = []
    for name in drafts.locked_names():
        with suppress(StoreError):
            draft = drafts.locked(name)
            desks += [draft.desk] if draft.keyed and draft.desk else []
            paused += draft.desk == own and not draft.keyed
    count = desks.count(own)
    lines = [_(WAITING).format(count=count)]
    if paused:
        lines.append(_(PAUSED).format(count=paused))
    if count < len(desks):
        lines.append(_(WAITING_ELSEWHERE).format(count=len(desks) - count))
    return " ".join(lines)


def second_code(entry_code: str, paper: Draft) -> str:
    """The code of a second keying, derived from the entry code and the paper."""
    folder = str(Path(paper.responses).resolve())
    desk, sha256 = draft_key(entry_code).identity, paper.questionnaire.sha256
    return derived_code(desk, folder, sha256, paper.detail, _number_of(paper))


def first_code(second: str) -> str:
    """The code of a first keying, derived from the code of the second keying."""
    return derived_code(second)


def paper_name(paper: Draft) -> str:
    """A name for an unencrypted paper; hides its number, and is the same for each keying of it."""
    folder, sha256 = Path(paper.responses).resolve(), paper.questionnaire.sha256
    parts = folder, sha256, paper.detail, _number_of(paper)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:20]


def _number_of(paper: Draft) -> str:
    """The number of a paper, in a form that is the same for capital and small letters."""
    return (paper.paper or "").casefold()


def find_keying(drafts: Drafts, paper: Draft, *, keyed: bool) -> Draft | None:
    """A draft of the same paper: a complete first keying if `keyed`, else a paused keying."""
    for draft in _keyings(drafts, paper) if paper.paper else ():
        if draft.keyed is keyed and _is_same_paper(draft, paper):
            return draft
    return None


def _keyings(drafts: Drafts, paper: Draft) -> Iterator[Draft]:
    if is_key(paper.code):
        # An encrypted keying that cannot be read is an error, because a new one would overwrite it.
        for code in (paper.code, first_code(paper.code)):
            if drafts.has(code):
                yield drafts.load(code)
        return
    for code in drafts.codes():
        with suppress(StoreError):
            yield drafts.load(code)


def unreadable(drafts: Drafts) -> str:
    """A notice with the number of unencrypted drafts that cannot be read, or an empty string."""
    count = 0
    for code in drafts.codes():
        try:
            drafts.load(code)
        except StoreError:
            count += 1
    return _(NOT_FOUND).format(count=count) if count else ""


def _is_same_paper(first: Draft, second: Draft) -> bool:
    """True if two keyings have the same number, questionnaire, detail and responses folder.

    The same number in a different responses folder belongs to a different paper.
    """
    is_same = _number_of(first) == _number_of(second) and first.detail == second.detail
    if not is_same or first.questionnaire.sha256 != second.questionnaire.sha256:
        return False
    folders = first.responses, second.responses
    return folders[0] == folders[1] or are_same(*map(Path, folders))
