"""The paper questionnaire: every item with its printed codes, routes in words, and show cards.

The HTML page (for printing from a browser) and the PDF are both rendered from a `Sheet`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import chain
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.i18n import N_, _, labelled, spoken
from microcred_cli.interchange.route_words import in_printed_words
from microcred_cli.interview.numbering import printed_codes, printed_numbers
from microcred_cli.questionnaire.conditions import codes_of, holds
from microcred_cli.questionnaire.models import (
    Choice,
    Condition,
    Integer,
    Matrix,
    Multiple,
    Open,
    Ranking,
    Single,
)
from microcred_cli.questionnaire.routes import Situation, situations
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.records.recoding import most_ranks
from microcred_cli.summary.labels import row_label
from microcred_cli.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.questionnaire.models import Item, Option, Phrase, Questionnaire

ONLY_IF: Final = N_("Only if {condition}.")
OTHERWISE: Final = N_("Otherwise, go to question {number}.")
OTHERWISE_END: Final = N_("Otherwise, go to the end.")
GO_TO: Final = N_("go to question {number}")
THEN: Final = N_("Then go to question {number}.")
STOP: Final = N_("stop here")
IF: Final = N_("If {condition}")
ELSE: Final = N_("In all other cases")
ALONE: Final = N_("only this one")
NUMBER: Final = N_("No.")
CARD: Final = N_("Card {letter}")
CARDS: Final = N_("Show cards")
FOR_QUESTIONS: Final = N_("For these questions: {numbers}")
RANKS: Final = N_("Write the number of your choice:")
HOW: Final = N_("How to fill in this questionnaire")
HOW_TO: Final = N_(
    "Tick the box next to your answer, or write in the field. Answer the questions in order, "
    "unless a note tells you to go to another question. You may skip any question. The small "
    "numbers and letters next to the boxes are for data entry."
)
_CHARACTERS_A_LINE: Final = 80
_MOST_LINES: Final = 8
_SHORT: Final = 32
"""Labels up to this length are printed in several columns."""
_MANY: Final = 12
"""Lists of more than this number of short labels are printed in three columns."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box to tick, with its printed code, its label and the note after the label.

    `write` is the prompt for a text next to the box. `apart` is true for a reserved code, which is
    printed apart from the options.
    """

    code: str
    label: str
    write: str = ""
    note: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """An item as printed.

    `texts` contains pairs of condition and wording; if there is only one wording, its condition is
    empty. `fields` has the labels of the fields to write in. Only a grid has `rows`.
    """

    number: int
    kind: str
    texts: tuple[tuple[str, str], ...]
    before: tuple[str, ...] = ()
    route: str = ""
    after: str = ""
    instruction: str = ""
    card: str = ""
    boxes: tuple[Box, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    lines: int = 0
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its questions."""

    label: str
    lead_in: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A show card: a scale in large print, with the numbers of the questions that use it."""

    title: str
    numbers: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A complete paper questionnaire in one language."""

    language: str
    title: str
    edition: str
    background: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    closing: str
    cards: tuple[Card, ...]
    said: Mapping[str, str] = field(default_factory=dict)

    def as_object(self) -> dict[str, Any]:
        """The sheet as plain data."""
        return asdict(self)


def sheet_of(
    questionnaire: Questionnaire, background: Sequence[Paragraph], *, cards: bool = True
) -> Sheet:
    """The paper questionnaire; `questionnaire` must be in the current language.

    Show `cards` are for interviewers who visit the respondents.
    """
    printer = _Printer(questionnaire, cards=cards)
    parts = tuple(
        Part(
            _line(section.label),
            tuple(printer.worded(section.lead_in, section.items)) if section.lead_in else (),
            tuple(map(printer.question, section.items)),
        )
        for section in questionnaire.sections
    )
    return Sheet(
        language=spoken(),
        title=_line(questionnaire.title),
        edition=f"{questionnaire.id} {questionnaire.version}",
        background=tuple((block.kind, _line(block.text)) for block in background),
        parts=parts,
        closing=_line(questionnaire.closing.get("complete", "")),
        cards=printer.cards(),
        said={"no": _(NUMBER), "how": _(HOW), "how_to": _(HOW_TO), "cards": _(CARDS)},
    )


class _Printer:
    """Converts the items of a questionnaire to printed questions."""

    def __init__(self, questionnaire: Questionnaire, *, cards: bool) -> None:
        self.questionnaire = questionnaire
        self.numbers = printed_numbers(questionnaire)
        self.at = {
            item.id: found
            for item, found in situations(questionnaire, on_paper=True)
            if item is not None
        }
        self.card_of = _card_letters(questionnaire) if cards else {}
        self.first_defined = next((i.id for i in questionnaire.items if i.shows_definition), None)

    def question(self, item: Item) -> Question:
        """An item as printed."""
        kind, fields, lines = _fields(self.questionnaire, item)
        boxes = tuple(self.boxes(item))
        letter = self.card_of.get(item.id)
        return Question(
            number=self.numbers[item.id],
            kind=kind,
            texts=tuple(self.texts(item)),
            before=tuple(self.before(item)),
            route=self.route(item),
            after=self.after(item),
            instruction=_line(_instruction(item)),
            card=_(CARD).format(letter=letter) if letter else "",
            boxes=boxes,
            rows=_rows(item, self.numbers[item.id]),
            fields=fields,
            lines=lines,
            columns=_columns(boxes),
        )

    def before(self, item: Item) -> Iterator[str]:
        """The definition, if this item is the first item that shows it."""
        definition = self.questionnaire.definition
        if definition is not None and item.id == self.first_defined:
            yield labelled(_line(definition.title), _line(definition.text)).replace("?:", "?")

    # -- routes

    def reached(self, item: Item) -> list[Situation]:
        """The states of an interview in which an item is asked."""
        return [s for s in self.at[item.id] if holds(item.asked_if, s.answers, self.questionnaire)]

    def next_after(self, item: Item, answers: Mapping[str, Any]) -> int:
        """The number of the next item that may be asked; if none, the number of items plus 1."""
        for number in range(self.numbers[item.id], len(self.questionnaire.items)):
            following = self.questionnaire.items[number]
            if holds(following.asked_if, answers, self.questionnaire) is not False:
                return number + 1
        return len(self.questionnaire.items) + 1

    def route(self, item: Item) -> str:
        """The note with the route condition; empty if an earlier note covers this item."""
        place = self.numbers[item.id] - 1
        before = self.questionnaire.items[place - 1].asked_if if place else None
        if item.asked_if is None or item.asked_if == before or self.is_in_group(item):
            return ""
        note = _(ONLY_IF).format(condition=in_printed_words(item.asked_if, self.questionnaire))
        found = self.otherwise(item)
        if found > len(self.questionnaire.items):
            return f"{note} {_(OTHERWISE_END)}"
        return f"{note} {_(OTHERWISE).format(number=found)}" if found else note

    def otherwise(self, item: Item) -> int:
        """The number of the first question for people who skip an item; 0 if nobody skips it."""
        reached = self.reached(item)
        others = [s for s in self.at[item.id] if s not in reached]
        return min((self.next_after(item, s.answers) for s in others), default=0)

    def is_in_group(self, item: Item) -> bool:
        """True if an earlier note with the same condition leads everyone else past this item."""
        number = self.numbers[item.id]
        return any(
            first.asked_if == item.asked_if and self.otherwise(first) > number
            for first in self.questionnaire.items[: number - 1]
        )

    def target(self, item: Item, given: Mapping[str, Any]) -> int:
        """The number of the first question that can follow these answers to an item."""
        found = (self.next_after(item, {**s.answers, **given}) for s in self.reached(item))
        return min(found, default=0)

    def after(self, item: Item) -> str:
        """The routing note below a question, if nobody continues with the next one on paper."""
        found = self.target(item, {})
        is_next = found <= self.numbers[item.id] + 1 or found > len(self.questionnaire.items)
        return "" if is_next else _(THEN).format(number=found)

    def go_to(self, item: Item, option: Option) -> str:
        """The note after an option that leads to a different question than the other options."""
        if option.ends:
            return _(STOP)
        if isinstance(item, Single):
            found = self.target(item, {item.id: option.code})
        elif isinstance(item, Multiple) and option.exclusive:
            found = self.target(item, {item.id: (option.code,)})
        else:
            return ""
        usual = max(self.target(item, {}), self.numbers[item.id] + 1)
        return _(GO_TO).format(number=found) if usual < found <= len(self.numbers) else ""

    # -- texts

    def texts(self, item: Item) -> Iterator[tuple[str, str]]:
        """The wordings that an item can have when it is asked, each with its condition."""
        known = [s.answers for s in self.reached(item)]
        variants = [
            variant
            for variant in item.variants
            if any(holds(variant.when, answers, self.questionnaire) for answers in known)
        ]
        for variant in variants:
            condition = in_printed_words(variant.when, self.questionnaire)
            yield _when(condition), _line(self.insert(variant.text, (item,)))
        if not variants or not all(
            any(holds(v.when, answers, self.questionnaire) for v in variants) for answers in known
        ):
            if variants:
                yield _with_colon(_(ELSE)), _line(self.insert(item.text, (item,)))
            else:
                yield from self.worded(item.text, (item,))

    def worded(self, text: str, items: Sequence[Item]) -> Iterator[tuple[str, str]]:
        """The wordings of a label with phrases, each with its condition.

        Short alternatives are combined into one wording.
        """
        for phrase in self.questionnaire.phrases:
            words = self.words(phrase, items) if f"{{{phrase.id}}}" in text else {}
            if len(words) > 1 and max(map(len, words)) > _SHORT:
                *others, last = words
                for each in others:
                    when = Condition(item=phrase.by, any_of=words[each])
                    condition = in_printed_words(when, self.questionnaire)
                    own = text.replace(f"{{{phrase.id}}}", each)
                    yield _when(condition), _line(self.insert(own, items))
                text = text.replace(f"{{{phrase.id}}}", last)
                yield _with_colon(_(ELSE)), _line(self.insert(text, items))
                return
        yield "", _line(self.insert(text, items))

    def words(self, phrase: Phrase, items: Sequence[Item]) -> dict[str, tuple[str, ...]]:
        """The words that a phrase can have when one of these items is asked, with their codes."""
        found: set[str] = set()
        for situation in chain.from_iterable(map(self.reached, items)):
            found |= codes_of(phrase.by, situation.answers, self.questionnaire) or set()
        words: dict[str, tuple[str, ...]] = {}
        for code, text in phrase.texts.items():
            if code in found:
                words[text] = (*words.get(text, ()), code)
        return words

    def insert(self, text: str, items: Sequence[Item]) -> str:
        """A label with each phrase replaced by the words that it can have when an item is asked.

        Alternatives are separated by slashes.
        """
        for phrase in self.questionnaire.phrases:
            token = f"{{{phrase.id}}}"
            if token in text:
                text = text.replace(token, " / ".join(self.words(phrase, items)))
        return text

    # -- answers

    def boxes(self, item: Item) -> Iterator[Box]:
        """The boxes of an item: options in the printed order, then reserved codes."""
        printed = printed_codes(self.questionnaire, item)
        for option in _in_order(self.questionnaire, item):
            notes = [_(ALONE)] if option.exclusive else []
            if go_to := self.go_to(item, option):
                notes.append(f"→ {go_to}")
            write = _line(option.specify.text) if option.specify else ""
            yield Box(printed[option.code], _line(option.label), write, ", ".join(notes))
        for code in item.missing:
            yield Box(printed[code], _(MISSING_LABELS[code]), apart=True)

    def cards(self) -> tuple[Card, ...]:
        """One show card for each scale, with the numbers of the questions that use it."""
        numbers: dict[str, list[int]] = {}
        steps: dict[str, tuple[tuple[str, str], ...]] = {}
        for item in self.questionnaire.items:
            if letter := self.card_of.get(item.id):
                numbers.setdefault(letter, []).append(self.numbers[item.id])
                printed = printed_codes(self.questionnaire, item)
                options = self.questionnaire.options(item)
                steps[letter] = tuple((printed[o.code], _line(o.label)) for o in options)
        return tuple(
            Card(
                _(CARD).format(letter=letter),
                _(FOR_QUESTIONS).format(numbers=", ".join(map(str, numbers[letter]))),
                steps[letter],
            )
            for letter in numbers
        )


def _card_letters(questionnaire: Questionnaire) -> dict[str, str]:
    """The card letter of each item with a scale; items with the same scale share a show card."""
    letters: dict[tuple[str, ...], str] = {}
    found: dict[str, str] = {}
    for item in questionnaire.items:
        if isinstance(item, Choice) and item.measure == "ordinal":
            scale = tuple(f"{o.code} {o.label}" for o in questionnaire.options(item))
            number = len(letters)
            name = ascii_uppercase[number % 26] + (str(number // 26 + 1) if number >= 26 else "")
            found[item.id] = letters.setdefault(scale, name)
    return found


def _fields(questionnaire: Questionnaire, item: Item) -> tuple[str, tuple[str, ...], int]:
    """The layout of an item, the labels of its fields, and the number of lines to write on."""
    match item:
        case Open():
            return "text", (), min(_MOST_LINES, max(2, item.max_length // _CHARACTERS_A_LINE))
        case Integer():
            return "number", (_line(item.unit or ""),), 0
        case Matrix():
            return "grid", (), 0
        case Ranking():
            count = most_ranks(questionnaire, item)
            ranks = (row_label(item, str(rank)) for rank in range(1, count + 1))
            return "rank", tuple(ranks), 0
        case Single() | Multiple():
            return "list", (), 0


def _rows(item: Item, number: int) -> tuple[tuple[str, str], ...]:
    rows = item.rows if isinstance(item, Matrix) else ()
    return tuple((f"{number}.{place}", _line(row.label)) for place, row in enumerate(rows, 1))


def _instruction(item: Item) -> str:
    if isinstance(item, Integer):
        told = (item.instruction or _("Whole number")).rstrip(".")
        least, most = item.written(item.minimum), item.written(item.maximum)
        return _("{told}, from {minimum} to {maximum}.").format(
            told=told, minimum=least, maximum=most
        )
    if isinstance(item, Ranking):
        return f"{item.instruction or ''} {_(RANKS)}".strip()
    return item.instruction or ""


def _in_order(questionnaire: Questionnaire, item: Item) -> Sequence[Option]:
    """The options in the printed order: alphabetical if the screen order is alphabetical."""
    options = questionnaire.options(item)
    if not isinstance(item, Choice) or item.order != "alphabetical":
        return options
    loose = len(options) - item.anchored
    return (*sorted(options[:loose], key=lambda option: fold(option.label)), *options[loose:])


def _when(condition: str) -> str:
    return _with_colon(_(IF).format(condition=condition))


def _with_colon(words: str) -> str:
    """Words with a colon as written in the current language."""
    return labelled(words, "").rstrip()


def _columns(boxes: Sequence[Box]) -> int:
    lengths = [len(box.label) for box in boxes if not (box.write or box.apart)]
    is_short = bool(lengths) and max(lengths) <= _SHORT
    if is_short and len(boxes) > _MANY:
        return 3
    return 2 if is_short and len(boxes) > _MANY // 2 else 1


def _line(text: str) -> str:
    """Join the lines of a string, and remove zero-width and unprintable characters."""
    return clean(text)
