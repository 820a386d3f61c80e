"""Finds and deletes the paused interviews of cases."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from microcred_cli.clock import zones
from microcred_cli.errors import StoreError
from microcred_cli.fieldwork.settings import DRAFT_DAYS
from microcred_cli.frozen import Frozen
from microcred_cli.records.shapes import Draft
from microcred_cli.store.drafts import Drafts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from microcred_cli.records.shapes import LockedDraft
    from microcred_cli.session.contact import CaseContact


class PausedCase(Frozen):
    """A case with a paused interview on this machine.

    `last_contact` is the id of the last contact before the interview. `language` is the language of
    the interview; None if the interview is encrypted.
    """

    last_contact: str | None
    language: str | None


def paused_cases(log: Path) -> dict[str, PausedCase]:
    """The cases in this log with a paused interview on this machine, by label in lower case.

    Interviews in progress in another window are included, as are interviews that were not paused
    before the program ended.
    """
    return {
        draft.case.lower(): PausedCase(
            draft.last_contact, draft.language if isinstance(draft, Draft) else None
        )
        for _, draft in drafts_of_cases(Drafts.here())
        if draft.case and draft.case_log == str(log)
    }


def delete_paused(contact: CaseContact) -> None:
    """Delete the paused interview of a closed case, unless it was handed in already."""
    drafts = Drafts.here()
    for known, draft in [*drafts_of_cases(drafts)]:
        if contact.is_of(draft.case, draft.case_log) and not draft.is_closing:
            drafts.delete(known)


def receipt_left(drafts: Drafts) -> str | None:
    """The code of an interviewer's draft whose receipt has not been confirmed.

    Encrypted drafts, drafts of a shared machine, and drafts that are open in another window are
    left out.
    """
    for code in drafts.codes():
        with suppress(StoreError):
            draft = drafts.load(code)
            if draft.stored and draft.mode != "self" and not drafts.is_shared(code):
                with drafts.held(code):
                    return code
    return None


def drafts_of_cases(drafts: Drafts) -> Iterator[tuple[str, Draft | LockedDraft]]:
    """The readable drafts that have not expired, each with its code or, if encrypted, its name."""
    read: Mapping[str, Callable[[str], Draft | LockedDraft]] = {
        **dict.fromkeys(drafts.codes(), drafts.load),
        **dict.fromkeys(drafts.locked_names(), drafts.locked),
    }
    if not read:
        return
    now = drafts.start(zones.now(), DRAFT_DAYS)
    for known in read:
        with suppress(StoreError):
            draft = read[known](known)
            if draft.case is not None and not now.is_expired(draft):
                yield known, draft
