"""Commands around the files: drafts, withdrawal, the check of a responses folder."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli.cli.session import ask_code
from microcred_cli.cli.wiring import Choices, ask_line, responses_folder, say
from microcred_cli.codes import RECEIPT_SYMBOLS, parse, show
from microcred_cli.consistency import faults
from microcred_cli.errors import ExitCode, InvalidAnswer, StoreError, UsageError
from microcred_cli.fieldwork import today
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Choice, Open
from microcred_cli.recoding import stored
from microcred_cli.records import Response, answer_from
from microcred_cli.screening import find_identifiers
from microcred_cli.store.drafts import Drafts, expires
from microcred_cli.store.responses import FOLDER_FILE
from microcred_cli.store.traces import rewritten, telling
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire, Specify
    from microcred_cli.records import Folder, QuestionnaireRef, Text
    from microcred_cli.store.responses import Responses

SMALL_GROUP = 5


# -- drafts ----------------------------------------------------------------------------------------


def list_drafts() -> None:
    """Print a line for each paused interview: code, begun, progress, kept until."""
    drafts = Drafts.here()
    codes = drafts.codes()
    if not codes:
        say("No interview is paused on this machine.")
        return
    for code in codes:
        sys.stdout.write(f"{show(code)}  {_draft_line(drafts, code)}\n")
    say("Go on with one: microcred resume")


def _draft_line(drafts: Drafts, code: str) -> str:
    try:
        draft = drafts.load(code)
        until = expires(draft)
    except StoreError:
        return "damaged: it cannot be read; microcred drafts delete removes it"
    state = "handed in, to be finished" if draft.closing else f"{draft.answered} of {draft.of}"
    kept = f"kept until {until}" if until >= today() else "expired"
    return f"begun {safe(draft.begun)}  answered {state}  {kept}"


def delete_draft() -> None:
    """Delete the draft whose code is typed."""
    drafts = Drafts.here()
    code = ask_code(drafts, enter_takes_only=False)
    if code not in drafts.codes():
        raise StoreError(
            "No paused interview on this machine has that code.",
            mend="Look at the codes with: microcred drafts",
        )
    with drafts.held(code):
        drafts.delete(code)
    say("Deleted. Its answers are gone for good.")


def delete_expired() -> None:
    """Delete every draft that is past its day."""
    deleted, left = Drafts.here().delete_expired(today())
    for code in left:
        say(f"{show(code)} was left alone: it is damaged or in use.")
    say(f"Deleted: {deleted}.")


# -- withdrawal ------------------------------------------------------------------------------------


def withdraw_response(responses: str | None, fieldwork_file: str | None) -> int:
    """Delete the response of a typed receipt; the exit code."""
    fieldwork = Choices(fieldwork=fieldwork_file).read_fieldwork()
    folder = responses_folder(responses, fieldwork)
    try:
        receipt = parse(ask_line("Receipt: "), RECEIPT_SYMBOLS)
    except InvalidAnswer as invalid:
        raise UsageError(invalid.message, mend=invalid.mend) from None
    if not folder.withdraw(receipt):
        say("No response in this folder belongs to that receipt.")
        return ExitCode.FINDING
    say("Withdrawn: the response and its texts are deleted.")
    return ExitCode.DONE


# -- check -----------------------------------------------------------------------------------------


@dataclass
class Findings:
    """What a check found: good files, and each bad one with what is wrong with it."""

    good: list[Response] = field(default_factory=list)
    texts: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)

    def note(self, path: Path, wrong: str) -> None:
        """Note what is wrong with a file, both made safe."""
        self.bad.append((safe(path.name), safe(wrong)))


def check_responses(
    source: str, responses: str | None, fieldwork_file: str | None, output: str
) -> int:
    """Check a folder and print what was found; the exit code."""
    if output not in ("table", "json"):
        raise UsageError(f"There is no format {safe(output)!r}.", mend="Use table or json.")
    folder = responses_folder(responses, Choices(fieldwork=fieldwork_file).read_fieldwork())
    loaded = load(source)
    found = _findings(folder, loaded)
    groups = _groups(loaded.questionnaire, found.good)
    smallest = min(groups.values(), default=0)
    in_small = sum(count for count in groups.values() if count < SMALL_GROUP)
    if output == "json":
        _print_json(found, smallest, in_small)
    else:
        _print_table(found, smallest, in_small)
    for name, wrong in found.bad:
        say(f"{name}: {wrong}")
    return ExitCode.FINDING if found.bad else ExitCode.DONE


def _findings(folder: Responses, loaded: Loaded) -> Findings:
    found = Findings()
    record = stored(loaded.questionnaire)
    terms = _terms(folder, loaded, found)
    for path in folder.files():
        try:
            response = folder.read(path)
        except StoreError as error:
            found.note(path, error.message)
            continue
        wrong = _wrong(response, loaded, record) or _unlike(response, terms)
        wrong = wrong or rewritten(path, response)
        if not wrong:
            found.good.append(response)
        if wrong := wrong or telling(path):
            found.note(path, wrong)
    for path in folder.text_files():
        try:
            text = folder.read_text(path)
        except StoreError as error:
            found.note(path, error.message)
            continue
        wrong = _wrong_text(text, loaded) or _unlike(text, terms) or rewritten(path, text)
        if not wrong:
            found.texts += 1
        if wrong := wrong or telling(path):
            found.note(path, wrong)
    return found


def _terms(folder: Responses, loaded: Loaded, found: Findings) -> Folder | None:
    path = folder.folder / FOLDER_FILE
    try:
        terms = folder.terms()
    except StoreError as error:
        found.note(path, error.message)
        return None
    if terms is None:
        if any(folder.files()) or any(folder.text_files()):
            found.note(path, "it is missing, so nothing says what the responses here answer")
        return None
    if wrong := _wrong_terms(terms, loaded) or rewritten(path, terms) or telling(path):
        found.note(path, wrong)
    return terms


def _wrong_terms(terms: Folder, loaded: Loaded) -> str:
    if terms.questionnaire != loaded.questionnaire.id:
        return f"the folder was begun for {terms.questionnaire}"
    if terms.detail != "coarse" or terms.recipients:
        return "it asks for full detail or encryption, which this version does not have"
    return ""


def _unlike(record: Response | Text, terms: Folder | None) -> str:
    """How a record differs from what holds for its folder."""
    if terms is not None and record.synthetic != terms.synthetic:
        kind = "synthetic" if record.synthetic else "real"
        return f"it is {kind}, and the folder was begun for the other kind"
    if isinstance(record, Response) and (record.detail != "coarse" or record.language is not None):
        return "it has more detail than may stand in a folder that is not encrypted"
    return ""


def _wrong_text(text: Text, loaded: Loaded) -> str:
    other = _other_questionnaire(text.questionnaire, loaded)
    if other:
        return other
    item_id, _, code = text.item.partition(".")
    item = loaded.questionnaire.by_id.get(item_id)
    if isinstance(item, Open) and not code:
        longest = item.max_length
    elif isinstance(item, Choice) and (specify := _specify(loaded.questionnaire, item, code)):
        longest = specify.max_length
    else:
        return "it belongs to no question"
    if not text.text or clean(text.text) != text.text or len(text.text) > longest:
        return "its text is not as the program keeps texts"
    if find_identifiers(text.text):
        return "its text still has what could identify someone"
    return ""


def _specify(questionnaire: Questionnaire, item: Choice, code: str) -> Specify | None:
    return next((o.specify for o in questionnaire.options(item) if o.code == code), None)


def _wrong(response: Response, loaded: Loaded, record: Questionnaire) -> str:
    other = _other_questionnaire(response.questionnaire, loaded)
    if other:
        return other
    answers = {key: answer_from(value) for key, value in response.answers.items()}
    wrong = faults(record, answers, response.status)
    return "; ".join(f"{fault.item or 'answers'}: {fault.reason}" for fault in wrong)


def _other_questionnaire(ref: QuestionnaireRef, loaded: Loaded) -> str:
    if ref.id != loaded.questionnaire.id:
        return f"it answers another questionnaire, {safe(ref.id)}"
    if ref.version != loaded.questionnaire.version:
        return f"it answers version {safe(ref.version)}, not {loaded.questionnaire.version}"
    if ref.sha256 != loaded.sha256:
        return "it was made with another definition of this version"
    return ""


def _groups(questionnaire: Questionnaire, responses: list[Response]) -> Counter[tuple[str, ...]]:
    """How many responses share each combination of the items that could single someone out."""
    items = [item.id for item in questionnaire.items if item.quasi_identifier]
    return Counter(tuple(str(r.answers[item]) for item in items) for r in responses)


def _print_table(found: Findings, smallest: int, in_small: int) -> None:
    lines = [
        f"Responses that are readable, valid and unique: {len(found.good)}",
        f"Texts: {found.texts}",
        f"Files with something wrong: {len(found.bad)}",
    ]
    if found.good:
        share = round(100 * in_small / len(found.good))
        lines += [
            f"k-anonymity of the coarse items together: k = {smallest}",
            f"Responses in a group under {SMALL_GROUP}: {in_small} ({share} %)",
        ]
    sys.stdout.write("\n".join(lines) + "\n")


def _print_json(found: Findings, smallest: int, in_small: int) -> None:
    report = {
        "format": "microcred-check/1",
        "responses": len(found.good),
        "texts": found.texts,
        "bad": [{"file": name, "wrong": wrong} for name, wrong in found.bad],
        "k": smallest if found.good else None,
        "in_small_groups": in_small,
    }
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
