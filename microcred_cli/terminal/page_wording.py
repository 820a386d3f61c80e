"""The wording of questions, review and help, shared by prompts and plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import N_, _, digits, joined, labelled, letter, n_, quoted
from microcred_cli.interview import question_number, question_numbers
from microcred_cli.interview.numbering import LEFT_EMPTY, printed_codes
from microcred_cli.interview.steps import rank_keys
from microcred_cli.questionnaire.models import Integer, Matrix, Open, Ranking
from microcred_cli.questionnaire.values import BLANK, GIVEN, MISSING_LABELS, NOT_ASKED, Value
from microcred_cli.records.recoding import recode
from microcred_cli.terminal import interviewer_script
from microcred_cli.terminal.list_rows import Row
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview import Interview, Step
    from microcred_cli.questionnaire.models import Item

NO_MORE_RANKS = N_("Nothing more matters")

ORDINALS = (N_("1st"), N_("2nd"), N_("3rd"))

Blocks = tuple[tuple[str, str], ...]
"""Paragraphs to read, as (kind, text) pairs."""


class Page(Frozen):
    """The text around a prompt, safe to print.

    `before` has introductory paragraphs (definition, lead-in), `echo` is the previous answer (to
    the question or row `echo_of`), and `note` is for the interviewer only. `hints` describe the
    keys of this prompt, and `keys` the keys that work everywhere. The footer shows as many hints as
    fit in one line, giving priority to `answers` (the key that answers; by default the last hint),
    `few_keys` and `needed`, and omitting `rare_keys` first. If an interviewer reads `aloud`, a bar
    marks text to read, and brackets mark other text; the stem is not marked if it was read with an
    earlier row or rank.
    """

    stem: str = ""
    section: str = ""
    place: str = ""
    fraction: float | None = None
    echo: str = ""
    echo_of: str = ""
    before: tuple[str, ...] = ()
    part: str = ""
    part_place: str = ""
    instruction: str = ""
    note: str = ""
    aloud: bool = False
    stem_was_read: bool = False
    hints: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    few_keys: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    rare_keys: tuple[str, ...] = ()


class View(Page):
    """The wording of one question, with its options and any earlier answer.

    An earlier answer is stored as codes in `earlier_codes`, or as a number or text in
    `earlier_text`. `ranked` contains the codes chosen so far in a ranking, in order. `definition`
    is shown before the question. If the rows are `coded`, their printed codes are typed instead of
    their positions.
    """

    entries: tuple[Row, ...] = ()
    searches: bool = False
    earlier_codes: tuple[str, ...] = ()
    earlier_text: str = ""
    ranked: tuple[str, ...] = ()
    definition: str = ""
    coded: bool = False

    @property
    def has_earlier(self) -> bool:
        """True if there is an earlier answer that can be shown."""
        listed = {entry.code for entry in self.entries}
        return bool(self.earlier_text) or not listed.isdisjoint(self.earlier_codes)


def view_of(interview: Interview, step: Step, before: str = "") -> View:
    """The view of a step; `before` is the item that was asked directly before it, if any."""
    value = interview.given.get(step.key)
    coded = interview.on_paper
    searches = bool(getattr(step.item, "search", False)) and not coded
    number = str(value) if isinstance(value, int) else ""
    aloud = interview.mode != "self"
    again = aloud and step.number > 1 and step.item.id == before
    instruction = (
        interviewer_script.instruction(step, searches=searches, again=again)
        if aloud
        else _instruction(step)
    )
    listed = _printed(interview, step) if coded else entries(step, letters=not searches)
    part_place = ""
    if isinstance(step.item, Matrix):
        part_place = _("Row {number} of {count}").format(number=step.number, count=step.count)
    elif isinstance(step.item, Ranking):
        part_place = _("Choice {number} of up to {count}")
        part_place = part_place.format(number=step.number, count=step.count)
    return View(
        section=safe(interview.section.label),
        place=place(interview),
        ranked=_ranked(interview, step),
        fraction=interview.progress.fraction,
        before=tuple(safe(text) for text in _before(interview, step)),
        definition=safe(_definition(interview, step)),
        stem=safe(interview.stem(step)),
        part=safe(_part(step)),
        part_place=part_place,
        instruction=safe(instruction),
        entries=_with_earlier(interview, step, listed),
        coded=coded,
        searches=searches,
        earlier_codes=_codes(value),
        earlier_text=safe(interview.texts.get(step.key, "")) or number,
        note=safe(step.item.note or "") if aloud else "",
        aloud=aloud,
        stem_was_read=again,
    )


def place(interview: Interview) -> str:
    """Progress, in the form "Question 3 of up to 31 · about 17 minutes left"."""
    progress = interview.progress
    if interview.on_paper:
        printed = question_number(interview) if interview.at is not None else "1"
        of = len(interview.questionnaire.items)
        return _("Question {number} of {of}").format(number=printed, of=of)
    at = _("Question {number} of {of}") if progress.exact else _("Question {number} of up to {of}")
    minutes = progress.minutes_left
    left = n_("a minute left", "about {minutes} minutes left", minutes).format(minutes=minutes)
    number = question_number(interview)
    return f"{at.format(number=number, of=progress.of)} · {left}"


def entries(step: Step, *, letters: bool) -> tuple[Row, ...]:
    """The rows of a step's list: options, then reserved codes, which have keys if `letters`."""
    options = step.listed or step.options
    listed = [Row(o.code, safe(o.label), exclusive=o.exclusive, also=o.also) for o in options]
    for code in step.missing:
        if code == BLANK:
            label = _(NO_MORE_RANKS) if isinstance(step.item, Ranking) else _("Leave it empty")
        else:
            label = _(MISSING_LABELS[code])
        sign = letter(code) if letters and code != BLANK else ""
        gap = bool(listed) and not listed[-1].apart
        listed.append(Row(code, label, sign, exclusive=True, gap=gap, apart=True))
    return tuple(listed)


def _with_earlier(interview: Interview, step: Step, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows, and any reserved code that was chosen in the menu, so that Enter can keep it."""
    listed = [row.code for row in rows]
    return rows + tuple(
        Row(code, _(MISSING_LABELS[code]), exclusive=True, gap=True, apart=True)
        for code in _codes(interview.given.get(step.key))
        if code in step.accepts and code not in listed
    )


def _printed(interview: Interview, step: Step) -> tuple[Row, ...]:
    """The rows of a step's list with their printed codes, in the order of the definition."""
    item = step.item
    printed = printed_codes(interview.questionnaire, item) | {BLANK: LEFT_EMPTY}
    rows = {row.code: row for row in entries(step, letters=False)}
    own = [option.code for option in interview.questionnaire.options(item)]
    found = [
        rows[code].having(sign=printed[code])
        for code in (*own, *(code for code in rows if code not in own))
        if code in rows
    ]
    return tuple(
        row.having(label=_(MISSING_LABELS[BLANK])) if row.code == BLANK and not step.ranked else row
        for row in found
    )


def _before(interview: Interview, step: Step) -> Iterator[str]:
    if step.key in interview.given and not interview.is_answered(step):
        changed = _(
            "An earlier answer was changed, so this question may refer to something else now. "
            "Please answer it again; the answer given before is shown."
        )
        if interview.is_reworded(step):
            changed = _(
                "An earlier answer was changed, so this question is worded differently now. "
                "Please answer it again; the answer given before is shown."
            )
        yield changed
        if earlier := _earlier_ranks(interview, step):
            yield _("Earlier answer: {words}").format(words=earlier)
    lead_in = interview.lead_in(step)
    if lead_in and not interview.on_paper:
        yield lead_in


def _definition(interview: Interview, step: Step) -> str:
    """The definition, if this is the first step on the route that shows it."""
    definition = interview.questionnaire.definition
    if not step.item.shows_definition:
        return ""
    first = next((each for each in interview.steps if each.item.shows_definition), None)
    if interview.on_paper or definition is None or first is None or first.key != step.key:
        return ""
    spoken = definition.read_aloud if interview.mode != "self" else None
    return spoken or definition.text


def _part(step: Step) -> str:
    if isinstance(step.item, Matrix):
        return next(row.label for row in step.item.rows if row.code == step.part)
    return ""


def _instruction(step: Step) -> str:
    if step.specifies:
        return _("A few words. You can leave it empty.")
    if isinstance(step.item, Integer):
        told = (step.item.instruction or _("Whole number")).rstrip(".")
        limits = _("{told}, from {minimum} to {maximum}.")
        item = step.item
        least, most = item.written(item.minimum), item.written(item.maximum)
        return limits.format(told=told, minimum=least, maximum=most)
    if isinstance(step.item, Open) and not step.item.instruction:
        most_allowed = _("At most {most} characters.").format(most=digits(step.max_length))
        optional = _("You can leave it empty.") if step.item.required == "optional" else ""
        return f"{most_allowed} {optional}".strip()
    return step.item.instruction or ""


def _codes(value: Value | None) -> tuple[str, ...]:
    if value is None or isinstance(value, int):
        return ()
    return (value,) if isinstance(value, str) else value


def ordinal(rank: int) -> str:
    """A rank as a short word: 1st, 2nd, 3rd, 4th."""
    if rank <= len(ORDINALS):
        return _(ORDINALS[rank - 1])
    return _("{rank}th").format(rank=rank)


def _earlier_ranks(interview: Interview, step: Step) -> str:
    """The ranks from this rank on that were given while the question had a different wording."""
    if not isinstance(step.item, Ranking):
        return ""
    labels = {option.code: option.label for option in step.listed}
    keys = rank_keys(step.item)[step.number - 1 :]
    given = [str(interview.given.get(key)) for key in keys]
    ranks = enumerate(given, step.number)
    return joined(f"{ordinal(rank)} {labels[code]}" for rank, code in ranks if code in labels)


def _ranked(interview: Interview, step: Step) -> tuple[str, ...]:
    if not isinstance(step.item, Ranking):
        return ()
    own = interview.given.get(step.key) if interview.is_answered(step) else None
    is_choice = any(own == option.code for option in step.options)
    return (*step.ranked, own) if isinstance(own, str) and is_choice else step.ranked


def answer_words(interview: Interview, step: Step) -> str:
    """The answer to a step as text (for a rank, the whole ranking); empty if there is none."""
    if not isinstance(step.item, Ranking):
        return step_words(interview, step)
    last = interview.step_at(interview.entered(step)) or step
    labels = {option.code: safe(option.label) for option in step.listed}
    ranked = _ranked(interview, last)
    if any(option.exclusive and option.code in ranked for option in last.options):
        return labels[ranked[0]]
    words = [f"{ordinal(rank)} {labels[code]}" for rank, code in enumerate(ranked, 1)]
    return joined(words) or step_words(interview, step)


def unused_words(interview: Interview, before: Interview | None = None) -> str:
    """A notice about answers now off the route; empty if `before` had at least as many answers."""
    number = interview.unused
    if number <= (before.unused if before else 0):
        return ""
    return n_(
        "{number} answer no longer counts, because an earlier answer was changed; "
        "it will count again if the earlier answer is changed back.",
        "{number} answers no longer count, because an earlier answer was changed; "
        "they will count again if the earlier answer is changed back.",
        number,
    ).format(number=number)


def closing_words(interview: Interview) -> str:
    """The closing text after an answer ended the interview; on paper, a text for staff."""
    if interview.on_paper:
        is_refused = interview.status == "refused"
        return (
            _("No consent was given on this paper.")
            if is_refused
            else _("This answer ends the questionnaire.")
        )
    words = interview.questionnaire.closing.get(
        "refused" if interview.status == "refused" else "screened_out"
    )
    return safe(words or _("The interview ends here."))


def can_be_empty(step: Step) -> bool:
    """True if the text of a step may be left empty."""
    may_be_empty = step.item.required == "optional" or BLANK in step.accepts
    return step.asks == "text" and (step.specifies or may_be_empty)


def help_lines(interview: Interview, step: Step) -> list[str]:
    """Help on a question: its lead-in, its help text, and the help texts of its options.

    For an interviewer, the help includes the note, which short screens omit.
    """
    options = [labelled(o.label, o.help) for o in step.options if o.help]
    definition = _definition(interview, step)
    before = (*_before(interview, step), *([definition] if definition else []))
    texts = [*before, *([step.item.help] if step.item.help else []), *options]
    if interview.mode != "self" and step.item.note:
        texts.append(_("Note: {note}").format(note=step.item.note))
    return [safe(text) for text in texts]


def step_words(interview: Interview, step: Step) -> str:
    """The answer to a step as text; empty if there is none."""
    value = interview.given.get(step.key)
    if value is None:
        return ""
    if step.asks == "text":
        text = interview.texts.get(step.key, "")
        return quoted(safe(text)) if text else _label(step, str(value))
    if isinstance(value, int):
        return step.item.written(value) if isinstance(step.item, Integer) else digits(value)
    shown = [option.code for option in step.options]
    codes = sorted(_codes(value), key=lambda code: shown.index(code) if code in shown else -1)
    return ", ".join(_label(step, code) for code in codes)


def _label(step: Step, code: str) -> str:
    if code == BLANK and isinstance(step.item, Ranking) and step.ranked:
        return _(NO_MORE_RANKS)
    option = next((option for option in step.options if option.code == code), None)
    if option is not None:
        return safe(option.label)
    if code in MISSING_LABELS:
        return _(MISSING_LABELS[code])
    return "" if code == GIVEN else safe(code)


class ReviewLine(Frozen):
    """One line of the review: step, number, question and answer.

    `row` is the row of a matrix; `begins` is False if the previous line has the same question.
    `kept` is the stored form of the answer if that form is coarser; otherwise, `kept` is empty.
    """

    key: str
    number: str
    asked: str
    said: str
    row: str = ""
    begins: bool = True
    kept: str = ""


def review_lines(interview: Interview) -> list[tuple[str, list[ReviewLine]]]:
    """The answered steps on the route, as (heading, lines) for each section."""
    parts: dict[str, list[ReviewLine]] = {}
    section_of, numbers = interview.questionnaire.section_of, question_numbers(interview)
    before = None
    for step in filter(interview.is_answered, interview.steps):
        if isinstance(step.item, Ranking) and step.ranked:
            continue
        heading = safe(section_of[step.item.id].label)
        line = _review_line(interview, step, numbers[step.key])
        is_row = isinstance(step.item, Matrix) and before is step.item
        parts.setdefault(heading, []).append(line.having(begins=not is_row))
        before = step.item
    return [*parts.items()]


def _review_line(interview: Interview, step: Step, number: str) -> ReviewLine:
    return ReviewLine(
        interview.entered(step),
        number,
        safe(interview.stem(step, aloud=False)),
        answer_words(interview, step),
        row=safe(_part(step)),
        kept=_kept(interview, step),
    )


def _kept(interview: Interview, step: Step) -> str:
    """The label of the coarser category that is stored in place of the answer; empty if none."""
    bands = getattr(step.item, "stored_as", None)
    if not bands or step.specifies or interview.detail == "full":
        return ""
    kept = recode(step.item, interview.given[step.key])
    labels = {band.code: safe(band.label) for band in bands}
    codes = kept if isinstance(kept, tuple) else (kept,)
    return ", ".join(labels[code] for code in codes if code in labels)


def answer_rows(interview: Interview, *, kept: bool) -> tuple[Row, ...]:
    """One row per answer, under its section heading; `kept` adds the stored form."""
    rows: list[Row] = []
    for heading, lines in review_lines(interview):
        rows.append(Row("", heading, heading=True, gap=bool(rows)))
        for line in lines:
            if line.row and line.begins:
                rows.append(Row("", line.asked, heading=True, style="class:mc.group"))
            label = f"{line.row or line.asked}\n{line.said}"
            if kept and line.kept:
                label += "\n" + _("Stored as: {label}").format(label=line.kept)
            rows.append(Row(line.key, label, line.number))
    return tuple(rows)


def outline_rows(interview: Interview) -> tuple[Row, ...]:
    """One row per item, by section; items that cannot be reached yet cannot be chosen."""
    rows: list[Row] = []
    numbers: dict[str, str] = {}
    for key, number in question_numbers(interview).items():
        numbers.setdefault(key.partition(".")[0], number.partition(".")[0])
    for section in interview.questionnaire.sections:
        rows.append(Row("", safe(section.label), heading=True, gap=bool(rows)))
        rows += [_outline_row(interview, item, numbers.get(item.id, "")) for item in section.items]
    return tuple(rows)


def _outline_row(interview: Interview, item: Item, number: str) -> Row:
    steps = [step for step in interview.steps if step.item.id == item.id]
    first_open = interview.first_open
    is_passed = interview.answers.get(item.id) == NOT_ASKED
    state, key, said = _("not asked") if is_passed else _("to come"), "", ""
    if first_open is not None and first_open.item.id == item.id:
        state, key = _("open"), first_open.key
    elif steps and all(map(interview.is_answered, steps)):
        answers = [answer_words(interview, step) for step in steps if not step.ranked]
        state = _("answered")
        key = item.id if isinstance(item, Matrix) else interview.entered(steps[0])
        said = joined(answers)
    noted = _(" (remark)") if item.id in interview.remarks else ""
    label = labelled(f"{state}{noted}", safe(interview.insert(item.text)))
    label += f" — {said}" if said else ""
    if key:
        return Row(key, label, number)
    label = f"{number}. {label}" if number else label
    return Row("", label, heading=True, style="class:mc.aside" if is_passed else "")
