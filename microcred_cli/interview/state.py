"""The immutable state of an interview, in which every move returns a new state.

An impossible move raises `InvalidAnswer`.

If a changed answer takes other answers off the route, those answers stay in the state and the
draft. They reappear if they are on the route again; off the route, they are not part of the
response. If a changed answer changes the wording of a question, that question is open again, and
its earlier answer is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from microcred_cli.errors import DefinitionError, InvalidAnswer
from microcred_cli.i18n import _
from microcred_cli.interview.steps import Step, fixed_steps, rank_keys, rows_shown, with_steps_added
from microcred_cli.questionnaire.answers import check_code, check_codes, check_integer, check_text
from microcred_cli.questionnaire.conditions import codes_of, holds
from microcred_cli.questionnaire.durations import minutes_of, seconds_of
from microcred_cli.questionnaire.models import Integer, Matrix, Open, Ranking
from microcred_cli.questionnaire.routes import routes
from microcred_cli.questionnaire.values import (
    BLANK,
    GIVEN,
    LONGEST_REMARK,
    NOT_ASKED,
    NOT_REACHED,
    REMARK,
    Answer,
    Reserved,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Phrase, Questionnaire, Section, Variant
    from microcred_cli.questionnaire.routes import Route
    from microcred_cli.questionnaire.values import Value
    from microcred_cli.records.shapes import Detail, Mode

Ending = Literal["refused", "screened_out"]
Status = Literal["open", "ready"] | Ending


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an interview on its route.

    `number` and `of` count items. `exact` is false if later answers can still shorten the route;
    `of`, `seconds_left` and `fraction` then refer to the longest route that is still possible.
    """

    number: int
    of: int
    exact: bool
    fraction: float
    seconds_left: int

    @property
    def minutes_left(self) -> int:
        """The minutes left, rounded as on the first page."""
        return minutes_of(self.seconds_left)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The answers and steps on the route, and all `valid` answers by step key.

    `undecided` contains the items that depend on later answers; `ending` is set if an answer ends
    the interview early.
    """

    answers: dict[str, Answer]
    steps: tuple[Step, ...]
    valid: Mapping[str, Value]
    undecided: tuple[Item, ...] = ()
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """Results that do not depend on answers, by language and item id, computed only once.

    `steps` contains the fixed steps of each item; `phrases` contains the phrases in its texts, also
    by variant number; `seconds` contains the time that each item takes.
    """

    steps: dict[tuple[str, str], tuple[Step, ...]] = field(default_factory=dict)
    phrases: dict[tuple[str, str, int], list[Phrase]] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Interview:
    """The state of an interview at one moment.

    `given` contains the answers by step key, `texts` the typed texts, and `remarks` the
    interviewer's notes by item id; all include entries off the current route. `wordings` contains
    the wording under which each step was answered, if the wording depends on other answers. `at` is
    the key of the current step, or None at the end (review, or an answer that closes the
    interview); `opened` is the key of a step that was opened from the review. After a jump, the
    interview is `returning` to the first open step or the review; if it was to a whole matrix, it
    first goes `through` its rows. `seed` determines the shuffling of lists (None: not shuffled).
    `spoken` contains the questionnaire in each available
    language. `detail` selects which codes are stored, coarse or fine. If the answers were given
    `on_paper`, any item that is not hard can have been left empty. `_kept` is shared by all states
    of an interview.
    """

    questionnaire: Questionnaire
    routes: tuple[Route, ...]
    mode: Mode = "self"
    language: str = "en"
    seed: int | None = None
    given: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    remarks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    wordings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    at: str | None = None
    returning: bool = False
    through: bool = False
    opened: str | None = None
    spoken: Mapping[str, Questionnaire] = field(default_factory=lambda: MappingProxyType({}))
    detail: Detail = "coarse"
    on_paper: bool = False
    _kept: _Kept = field(default_factory=_Kept, repr=False, compare=False)

    @classmethod
    def begin(
        cls,
        questionnaire: Questionnaire,
        *,
        mode: Mode = "self",
        language: str | None = None,
        seed: int | None = None,
        spoken: Mapping[str, Questionnaire] | None = None,
        detail: Detail = "coarse",
        on_paper: bool = False,
    ) -> Interview:
        """Start an interview at its first question, by default in the source language."""
        own = questionnaire.language
        spoken = spoken or {own: questionnaire}
        way = routes(questionnaire)
        begun = cls(
            *(questionnaire, way, mode, own, seed), spoken=spoken, detail=detail, on_paper=on_paper
        )
        return begun.speak(language or own).resumed()

    # -- position --------------------------------------------------------------------------------

    @cached_property
    def _walk(self) -> _Walk:
        known: dict[str, Answer] = {}
        valid = dict(self.given)
        steps: list[Step] = []
        undecided: list[Item] = []
        for item in self.questionnaire.items:
            asked = holds(item.asked_if, known, self.questionnaire)
            if asked is None:
                undecided.append(item)
            elif not asked:
                known[item.id] = NOT_ASKED
            else:
                wording = self._wording(item, known)
                for key in self._answered_otherwise(item, wording):
                    del valid[key]
                steps += self._steps_of(item, valid)
                answer = self._item_answer(item, valid)
                if answer is not None:
                    known[item.id] = answer
                    for option in self.questionnaire.options(item):
                        if option.ends and option.code == answer:
                            return _Walk(known, tuple(steps), valid, ending=option.ends)
        return _Walk(known, tuple(steps), valid, tuple(undecided))

    def _steps_of(self, item: Item, given: Mapping[str, Value]) -> Iterator[Step]:
        fixed = self._kept.steps.get((self.language, item.id))
        if fixed is None:
            fixed = fixed_steps(self.questionnaire, item, self.seed, on_paper=self.on_paper)
            self._kept.steps[self.language, item.id] = fixed
        return with_steps_added(self.questionnaire, fixed, given)

    def _wording(self, item: Item, known: Mapping[str, Answer]) -> str:
        """A language-independent key for the wording: its variant and the codes of its phrases."""
        if not item.variants and not self.questionnaire.phrases:
            return ""
        variant, worded = _worded(self.questionnaire, item, known)
        phrases = self._kept.phrases.get((self.language, item.id, variant))
        if phrases is None:
            lead_in = self.questionnaire.section_of[item.id].lead_in or ""
            texts = f"{worded.text} {worded.read_aloud or ''} {lead_in}"
            phrases = [p for p in self.questionnaire.phrases if f"{{{p.id}}}" in texts]
            self._kept.phrases[self.language, item.id, variant] = phrases
        codes = [_phrase_code(self.questionnaire, phrase, known) or "" for phrase in phrases]
        return " ".join((*([str(variant)] if variant else []), *codes))

    def _answered_otherwise(self, item: Item, wording: str) -> list[str]:
        """The keys of an item's steps that were answered with a different wording."""
        if not wording and not self.wordings:
            return []
        keys = self._keys_given.get(item.id, ())
        return [key for key in keys if self.wordings.get(key, "") != wording]

    @cached_property
    def _keys_given(self) -> dict[str, list[str]]:
        """The keys of the answered steps, on or off the route, by item id."""
        keys: dict[str, list[str]] = {}
        for key in self.given:
            keys.setdefault(key.partition(".")[0], []).append(key)
        return keys

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The answers on the route, with `not_asked` for items that these answers exclude."""
        return self._walk.answers

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the route in order, as far as the answers determine them."""
        return self._walk.steps

    @property
    def step(self) -> Step | None:
        """The current step; None at the end."""
        return None if self.at is None else self.step_at(self.at)

    def step_at(self, key: str) -> Step | None:
        """The step with this key, if it is on the route."""
        return next((step for step in self.steps if step.key == key), None)

    @property
    def status(self) -> Status:
        """The status: open, ready to submit, or closed by an answer."""
        ended = self._walk.ending
        if ended is not None:
            return ended
        return "ready" if self.first_open is None else "open"

    @property
    def first_open(self) -> Step | None:
        """The first unanswered step on the route."""
        return next((step for step in self.steps if not self.is_answered(step)), None)

    def is_answered(self, step: Step) -> bool:
        """True if a step was answered with its current wording."""
        return step.key in self._walk.valid

    @property
    def unused(self) -> int:
        """The number of items with answers that do not count, because the route excludes them."""
        return sum(self.answers.get(item_id) == NOT_ASKED for item_id in self._keys_given)

    @property
    def section(self) -> Section:
        """The section of the current step, or the last section at the end."""
        step = self.step
        sections = self.questionnaire.sections
        return self.questionnaire.section_of[step.item.id] if step else sections[-1]

    @property
    def can_hand_in(self) -> bool:
        """True if the answers so far are enough for a partial response."""
        section_of = self.questionnaire.section_of
        return self.status == "open" and any(
            section_of[item_id].makes_partial and answer not in (NOT_ASKED, NOT_REACHED)
            for item_id, answer in self.closed_answers().items()
        )

    @property
    def progress(self) -> Progress:
        """The progress on the route.

        Back at a question before an early end, it is as if the answer that ends were still open.
        """
        if self._walk.ending is not None and self.at is not None:
            return self._before_ending.progress
        asked = list(dict.fromkeys(step.item.id for step in self.steps))
        to_come = self._to_come(asked)
        seconds = self._seconds
        longest = max((sum(seconds[i] for i in items) for items in to_come), default=0)
        total = sum(seconds[item_id] for item_id in asked) + longest
        done, step = float(total), self.step
        if step is not None:
            done = sum(seconds[item_id] for item_id in asked[: asked.index(step.item.id)])
            if step.asks == "one":
                done += seconds[step.item.id] * (step.number - 1) / step.count
        return Progress(
            number=asked.index(step.item.id) + 1 if step else len(asked),
            of=len(asked) + max(map(len, to_come), default=0),
            exact=not self._walk.undecided,
            fraction=done / total if total else 1.0,
            seconds_left=round(total - done),
        )

    @property
    def _before_ending(self) -> Interview:
        """The interview without the answer that ends it early."""
        ending = self.steps[-1].key
        return replace(self, given={k: v for k, v in self.given.items() if k != ending})

    @property
    def _seconds(self) -> Mapping[str, float]:
        """The seconds of each item, in the language and mode of the interview."""
        seconds = self._kept.seconds.get(self.language)
        if seconds is None:
            source = self.spoken.get(self.questionnaire.language, self.questionnaire)
            seconds = seconds_of(source, self.questionnaire, aloud=self.mode != "self")
            self._kept.seconds[self.language] = seconds
        return seconds

    def _to_come(self, asked: Sequence[str]) -> list[list[str]]:
        """The undecided items of each route that is still possible."""
        undecided = {item.id for item in self._walk.undecided}
        passed = {item_id for item_id, answer in self.answers.items() if answer == NOT_ASKED}
        return [
            [item_id for item_id in route.items if item_id in undecided]
            for route in self.routes
            if passed.isdisjoint(route.items) and set(asked) <= {*route.items}
        ]

    # -- display ---------------------------------------------------------------------------------

    def stem(self, step: Step, *, aloud: bool | None = None) -> str:
        """The question text for this step, with phrases inserted.

        `aloud` selects the read-aloud wording, which is the default if there is an interviewer.
        """
        aloud = self.mode != "self" if aloud is None else aloud
        if step.specifies:
            option = self.questionnaire.option(step.item, step.part or "")
            return option.specify.text if option.specify else ""
        _number, worded = _worded(self.questionnaire, step.item, self.answers)
        return self.insert((aloud and worded.read_aloud) or worded.text)

    def insert(self, text: str) -> str:
        """Insert phrases into a text, depending on the answers so far."""
        for phrase in self.questionnaire.phrases:
            token = f"{{{phrase.id}}}"
            if token in text:
                code = _phrase_code(self.questionnaire, phrase, self.answers)
                text = text.replace(token, phrase.texts[code] if code else "")
        return text

    def lead_in(self, step: Step) -> str | None:
        """The lead-in of the section, if this is its first step on the route."""
        section = self.questionnaire.section_of[step.item.id]
        if section.lead_in is None:
            return None
        first = next(s for s in self.steps if self.questionnaire.section_of[s.item.id] == section)
        return self.insert(section.lead_in) if first.key == step.key else None

    # -- moves -----------------------------------------------------------------------------------

    def answer(self, raw: object) -> Interview:
        """Answer the current step.

        A text step accepts a text, which may be empty if the item is optional. Other steps accept a
        code, a list of codes, a number, or one of the step's reserved codes.
        """
        step = self._open_step()
        given, texts, wordings = dict(self.given), dict(self.texts), dict(self.wordings)
        if step.asks == "text":
            given[step.key], text = _check_open(step, raw)
            texts.pop(step.key, None)
            if text:
                texts[step.key] = text
        else:
            value = check_step(step, raw)
            if isinstance(value, tuple):
                # Stored in definition order, regardless of the order shown.
                options = self.questionnaire.options(step.item)
                value = tuple(option.code for option in options if option.code in value)
            given[step.key] = value
            _settle_ranks(step, given)
        wordings.pop(step.key, None)
        if wording := self._wording(step.item, self.answers):
            wordings[step.key] = wording
        changed = replace(self, given=given, texts=texts, wordings=wordings)
        return changed._moved_on(step)

    def _open_step(self) -> Step:
        if self.step is None:
            raise InvalidAnswer(_("No question is open."), hint=_("Go back to a question first."))
        return self.step

    def back(self) -> Interview:
        """Go back one step; at the first step, the interview is unchanged.

        A ranking is left as a whole, and re-entered at its last rank. From a step that was opened
        from the review, go back to the review.
        """
        if self.opened is not None and self.at == self.opened and self.status == "ready":
            return self._at(None, returning=False, opened=None)
        keys = [step.key for step in self.steps]
        here = len(keys) if self.at is None else keys.index(self.at)
        step = self.step
        if step is not None and isinstance(step.item, Ranking):
            here -= step.number - 1
        return self._at(keys[here - 1]) if here > 0 else self

    def take_back(self) -> Interview:
        """Undo the last choice in the current ranking, if any, and ask for it again."""
        item = self._open_step().item
        ranks = [s for s in self.steps if s.item.id == item.id and self.is_answered(s)]
        if not isinstance(item, Ranking) or not ranks:
            return self
        given = {key: value for key, value in self.given.items() if key != ranks[-1].key}
        return replace(self, given=given, at=ranks[-1].key)

    def jump(self, key: str) -> Interview:
        """Go to another step and, after it, back to the first open step or the review.

        Answered steps and the first open step can be reached. The id of an item refers to its first
        step; for a matrix, all its rows are then asked, instead of a single one.
        """
        step = next((s for s in self.steps if key in (s.key, s.item.id)), None)
        if step is None or not (self.is_answered(step) or step == self.first_open):
            raise InvalidAnswer(
                _("You cannot go to that question now."),
                hint=_("Choose a question that has been answered."),
            )
        opened = step.key if self.at is None else None
        whole = key != step.key
        return self._at(step.key, returning=True, through=whole, opened=opened)

    def resumed(self) -> Interview:
        """Go to the first open step, or to the end if there is none.

        If later steps have been answered, the interview then continues at the next open step.
        """
        step = None if self.status in ("refused", "screened_out") else self.first_open
        if step is None:
            return self._at(None, returning=False, opened=None)
        behind = self.steps[self.steps.index(step) + 1 :]
        returning = any(map(self.is_answered, behind))
        return self._at(step.key, returning=returning, opened=None)

    def _at(self, key: str | None, **changes: Any) -> Interview:
        """A copy at another step, with the same answers, which reuses the computed route."""
        moved = replace(self, at=key, **changes)
        vars(moved)["_walk"] = self._walk
        return moved

    def remark(self, text: str) -> Interview:
        """Add a note to the current item; an empty text removes the note."""
        step = self._open_step()
        remarks = dict(self.remarks)
        remarks.pop(step.item.id, None)
        if noted := check_text(text, LONGEST_REMARK):
            remarks[step.item.id] = noted
        return replace(self, remarks=remarks)

    def speak(self, language: str) -> Interview:
        """Switch to another language, with the same step and answers."""
        if language == self.language:
            return self
        if language not in self.spoken:
            raise InvalidAnswer(
                _("The questionnaire is not available in this language."),
                hint=_("Available languages: {languages}.").format(
                    languages=", ".join(self.spoken)
                ),
            )
        try:
            return replace(self, questionnaire=self.spoken[language], language=language)
        except DefinitionError as error:
            raise InvalidAnswer(error.message, hint=error.hint) from None

    def _moved_on(self, step: Step) -> Interview:
        here = [s.key for s in self.steps].index(step.key)
        following = next(iter(self.steps[here + 1 :]), None)
        if following is None or self.status in ("refused", "screened_out"):
            return self.resumed()
        same = following.item.id == step.item.id
        if self.returning and (not same or (isinstance(step.item, Matrix) and not self.through)):
            return self.resumed()
        return self._at(following.key if same else self.entered(following))

    def entered(self, step: Step) -> str:
        """The step at which an item is entered: for a ranking, its first open rank or its last."""
        if not isinstance(step.item, Ranking):
            return step.key
        ranks = [s for s in self.steps if s.item.id == step.item.id]
        return next((s.key for s in ranks if not self.is_answered(s)), ranks[-1].key)

    # -- output ----------------------------------------------------------------------------------

    def _item_answer(self, item: Item, given: Mapping[str, Value]) -> Answer | None:
        """The answer to an item; None while any of its steps is open."""
        if isinstance(item, Matrix):
            rows = {r.code: given.get(f"{item.id}.{r.code}") for r in item.rows}
            if any(code is None for code in rows.values()):
                return None
            return {row: str(code) for row, code in rows.items()}
        if isinstance(item, Ranking):
            return self._ranking(item, given)
        return given.get(item.id)

    def _ranking(self, item: Ranking, given: Mapping[str, Value]) -> Answer | None:
        ranked: list[str] = []
        for key in rank_keys(item)[: len(self.questionnaire.options(item))]:
            value = given.get(key)
            if value is None:
                return None
            if value == BLANK:
                break
            if value in item.missing or (value == "pna" and not ranked):
                return value
            ranked.append(str(value))
        return tuple(ranked) or BLANK

    def closed_answers(self) -> dict[str, Answer]:
        """The answers to all items for a response; open items are `not_reached`.

        Answers after the first open step also become `not_reached`. Items that the remaining
        answers exclude from the route are still `not_asked`.
        """
        first_open = self.first_open
        closed: dict[str, Answer] = {}
        deciding: dict[str, Answer] = {}
        reached = True
        for item in self.questionnaire.items:
            known = self.answers.get(item.id)
            if holds(item.asked_if, deciding, self.questionnaire) is False:
                closed[item.id] = NOT_ASKED
            elif reached and first_open is not None and first_open.item.id == item.id:
                closed[item.id] = self._begun(item, first_open)
                reached = False
            elif reached and known is not None:
                closed[item.id] = known
            else:
                closed[item.id] = NOT_REACHED
            answer = closed[item.id]
            begun = isinstance(answer, dict) and NOT_REACHED in answer.values()
            deciding[item.id] = NOT_REACHED if begun else answer
        return closed

    def _begun(self, item: Item, first_open: Step) -> Answer:
        """The incomplete answer to the item that contains the first open step."""
        if isinstance(item, Matrix) and first_open.number > 1:
            before = [row.code for row in rows_shown(item, self.seed)][: first_open.number - 1]
            return {
                row.code: str(self.given[f"{item.id}.{row.code}"])
                if row.code in before
                else NOT_REACHED
                for row in item.rows
            }
        if isinstance(item, Ranking) and first_open.number > 1:
            return tuple(str(self.given[key]) for key in rank_keys(item)[: first_open.number - 1])
        if first_open.specifies:
            return self.given[item.id]
        return NOT_REACHED

    def closed_texts(self) -> dict[str, str]:
        """The texts that belong to `closed_answers` by step key, and remarks by `item.remark`."""
        answers = self.closed_answers()
        kept: dict[str, str] = {
            f"{item_id}.{REMARK}": text
            for item_id, text in self.remarks.items()
            if answers[item_id] not in (NOT_ASKED, NOT_REACHED)
        }
        for step in self.steps:
            text = self.texts.get(step.key)
            if step.asks == "text" and text and answers[step.item.id] != NOT_REACHED:
                kept[step.key] = text
        return kept


def _worded(
    questionnaire: Questionnaire, item: Item, known: Mapping[str, Answer]
) -> tuple[int, Item | Variant]:
    """The first variant whose condition is true, numbered from 1; else the item, with 0."""
    for number, variant in enumerate(item.variants, 1):
        if holds(variant.when, known, questionnaire):
            return number, variant
    return 0, item


def _phrase_code(
    questionnaire: Questionnaire, phrase: Phrase, known: Mapping[str, Answer]
) -> str | None:
    """The code that selects the words of a phrase."""
    return phrase.code_for(codes_of(phrase.by, known, questionnaire) or ())


def check_step(step: Step, raw: object) -> Value:
    """Check the value for a step that does not ask for a text."""
    if step.asks == "some":
        return check_codes(raw, step.options, step.accepts, step.at_most)
    if isinstance(step.item, Integer):
        return check_integer(raw, step.item.minimum, step.item.maximum, step.accepts)
    return check_code(raw, step.options, step.accepts)


def _check_open(step: Step, raw: object) -> tuple[str, str]:
    if isinstance(raw, Reserved) and raw in step.accepts:
        return str(raw), ""
    text = check_text(raw, step.max_length)
    may_be_empty = step.item.required == "optional" or BLANK in step.accepts
    if not text and isinstance(step.item, Open) and not may_be_empty:
        raise InvalidAnswer(_("Nothing was typed."), hint=_("Type an answer."))
    return (GIVEN, text) if text else (BLANK, "")


def _settle_ranks(step: Step, given: dict[str, Value]) -> None:
    """Move later ranks up after a change, so that no option is ranked twice."""
    if not isinstance(step.item, Ranking) or given[step.key] in step.accepts:
        return
    keys = rank_keys(step.item)
    ranked = [given[key] for key in keys[: step.number]]
    later = [given.pop(key) for key in keys[step.number :] if key in given]
    left = [value for value in later if value not in ranked]
    given.update(zip(keys[step.number :], left, strict=False))
