"""The immutable state of an interview; every move returns a new state.

An impossible move raises `InvalidAnswer`.

If a changed answer removes other items from the route, their answers stay in the state and the
draft, but are not part of the response. If an item returns to the route, its earlier answer
reappears. If a changed answer changes the wording of a question, that question must be answered
again, and its earlier answer is shown.
"""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from microcred_cli.errors import DefinitionError, InvalidAnswer
from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _
from microcred_cli.interview.steps import Step, fixed_steps, rank_keys, rows_shown, with_steps_added
from microcred_cli.questionnaire.answers import check_code, check_codes, check_integer, check_text
from microcred_cli.questionnaire.conditions import codes_of, holds
from microcred_cli.questionnaire.durations import minutes_of, seconds_of
from microcred_cli.questionnaire.models import Integer, Matrix, Open, Ranking
from microcred_cli.questionnaire.path_bounds import Parts
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
    from collections.abc import Mapping

    from microcred_cli.questionnaire.models import Item, Phrase, Questionnaire, Section, Variant
    from microcred_cli.questionnaire.values import Value
    from microcred_cli.records.shapes import Detail, Mode

Ending = Literal["refused", "screened_out"]
Status = Literal["open", "ready"] | Ending


class Progress(Frozen):
    """The progress of an interview on its route.

    `number` is the current item's position among the `of` items of the route. `exact` is false if
    later answers can still shorten the route; `of`, `seconds_left` and `fraction` then refer to the
    longest route that is still possible.
    """

    number: int
    of: int
    exact: bool
    fraction: float
    seconds_left: int

    @property
    def minutes_left(self) -> int:
        """The minutes left, rounded in the same way as on the first page."""
        return minutes_of(self.seconds_left)


class _Route(Frozen):
    """The steps on the route in order."""

    steps: tuple[Step, ...]

    @cached_property
    def places(self) -> dict[str, int]:
        """The index of each step, by step key."""
        return {step.key: place for place, step in enumerate(self.steps)}

    @cached_property
    def items(self) -> dict[str, int]:
        """The index of each item among the items asked, by item id."""
        ids = dict.fromkeys(step.item.id for step in self.steps)
        return dict(zip(ids, range(len(ids)), strict=True))

    @cached_property
    def _elapsed(self) -> dict[int, tuple[float, ...]]:
        return {}

    def elapsed(self, seconds: Mapping[str, float]) -> tuple[float, ...]:
        """The total seconds of the items before each item, and finally of all items."""
        found = self._elapsed.get(id(seconds))
        if found is None:
            found = tuple(accumulate((seconds[item] for item in self.items), initial=0))
            self._elapsed[id(seconds)] = found
        return found


class _Walk(Frozen):
    """The answers on the route, and all `valid` answers by step key.

    `undecided` contains the items whose conditions depend on later answers. `ending` is set if an
    answer ends the interview early. All steps before the index `looked_from` have valid answers.
    """

    route: _Route
    answers: dict[str, Answer]
    valid: Mapping[str, Value]
    undecided: tuple[Item, ...] = ()
    ending: Ending | None = None
    looked_from: int = 0

    @cached_property
    def first_open(self) -> int:
        """The index of the first step without a valid answer, or the number of steps."""
        steps = self.route.steps
        for place in range(self.looked_from, len(steps)):
            if steps[place].key not in self.valid:
                return place
        return len(steps)

    def with_answer(self, key: str, value: Value) -> _Walk:
        """The route after an answer to a single-step item, if the answer affects no other item."""
        first = self.first_open
        return self.having(
            answers={**self.answers, key: value},
            valid={**self.valid, key: value},
            looked_from=first + (self.route.places[key] == first),
        )


class Precomputed:
    """Cached results that do not depend on answers, or depend on few of them.

    `parts` are the independent parts of the questionnaire. Three results are cached by language and
    item id: `steps`, the fixed steps of each item; `phrases`, the phrases in its texts, also by
    variant number; and `seconds`, the time that each item takes. `usual` contains the steps of
    items that are always asked, have a single step, and never change their wording. `ahead`
    contains the largest numbers of items and seconds that a part can still add, depending on its
    answers.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.parts = Parts(questionnaire)
        self.steps: dict[tuple[str, str], tuple[Step, ...]] = {}
        self.usual: dict[str, dict[str, Step]] = {}
        self.phrases: dict[tuple[str, str, int], list[Phrase]] = {}
        self.seconds: dict[str, dict[str, float]] = {}
        self.ahead: dict[object, tuple[int, float]] = {}


class Interview(Frozen):
    """The state of an interview at one point in time.

    `given` contains the answers by step key, `texts` the typed texts, and `remarks` the
    interviewer's notes by item id; all include entries off the current route. `wordings` contains
    the wording shown when each step was answered, if the wording depends on other answers. `at` is
    the key of the current step, or None at the end (review, or an answer that closes the
    interview); `opened` is the key of a step that was opened from the review. `returning` is set
    after a jump: the interview then goes back to the first open step or the review. `through` is
    set after a jump to a whole matrix: the interview then asks its rows one after another. `seed`
    determines the order of shuffled lists; None means the order of the definition. `spoken`
    contains the questionnaire in each available language. `detail` selects whether coarse or fine
    codes are stored. If the answers were given `on_paper`, any item that is not `required: hard`
    may have been left empty. `_precomputed` is shared by all states of an interview.
    """

    questionnaire: Questionnaire
    _precomputed: Precomputed
    mode: Mode = "self"
    language: str = "en"
    seed: int | None = None
    given: Mapping[str, Value] = MappingProxyType({})
    texts: Mapping[str, str] = MappingProxyType({})
    remarks: Mapping[str, str] = MappingProxyType({})
    wordings: Mapping[str, str] = MappingProxyType({})
    at: str | None = None
    returning: bool = False
    through: bool = False
    opened: str | None = None
    spoken: Mapping[str, Questionnaire] = MappingProxyType({})
    detail: Detail = "coarse"
    on_paper: bool = False

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
        begun = cls(
            *(questionnaire, Precomputed(questionnaire), mode, own, seed),
            spoken=spoken,
            detail=detail,
            on_paper=on_paper,
        )
        return begun.speak(language or own).resumed()

    # -- position --------------------------------------------------------------------------------

    @cached_property
    def _walk(self) -> _Walk:
        known: dict[str, Answer] = {}
        valid = dict(self.given)
        steps: list[Step] = []
        undecided: list[Item] = []
        usual = self._usual_steps
        for item in self.questionnaire.items:
            only = usual.get(item.id)
            if only is not None and item.id not in self.wordings:
                steps.append(only)
                answer: Answer | None = valid.get(item.id)
            else:
                asked = holds(item.asked_if, known, self.questionnaire)
                if asked is None:
                    undecided.append(item)
                    continue
                if not asked:
                    known[item.id] = NOT_ASKED
                    continue
                wording = self._wording(item, known)
                for key in self._answered_otherwise(item, wording):
                    del valid[key]
                fixed = self._fixed_steps_of(item)
                steps += with_steps_added(self.questionnaire, fixed, valid)
                answer = self._item_answer(item, valid)
            if answer is not None:
                known[item.id] = answer
                if ending := self._ends.get((item.id, answer)) if isinstance(answer, str) else None:
                    return _Walk(_Route(tuple(steps)), known, valid, ending=ending)
        return _Walk(_Route(tuple(steps)), known, valid, tuple(undecided))

    @property
    def _ends(self) -> Mapping[tuple[str, str], Ending]:
        """The answers that end the interview early, as pairs of item id and code."""
        return self._precomputed.parts.ends

    @property
    def _usual_steps(self) -> Mapping[str, Step]:
        """The steps of all single-step items that are always asked with the same wording, by id."""
        usual = self._precomputed.usual.get(self.language)
        if usual is None:
            usual = {
                item.id: self._fixed_steps_of(item)[0]
                for item in self.questionnaire.items
                if item.asked_if is None
                and not item.variants
                and not isinstance(item, Ranking | Matrix)
                and not any(option.specify for option in self.questionnaire.options(item))
                and not self._phrases_in(item)
            }
            self._precomputed.usual[self.language] = usual
        return usual

    def _fixed_steps_of(self, item: Item) -> tuple[Step, ...]:
        fixed = self._precomputed.steps.get((self.language, item.id))
        if fixed is None:
            fixed = fixed_steps(self.questionnaire, item, self.seed, on_paper=self.on_paper)
            self._precomputed.steps[self.language, item.id] = fixed
        return fixed

    def _wording(self, item: Item, known: Mapping[str, Answer]) -> str:
        """A language-independent key for the wording: the variant and the codes of the phrases."""
        if not item.variants and not self.questionnaire.phrases:
            return ""
        variant, worded = _worded(self.questionnaire, item, known)
        phrases = self._phrases_in(item, variant, worded)
        codes = [_phrase_code(self.questionnaire, phrase, known) or "" for phrase in phrases]
        return " ".join((*([str(variant)] if variant else []), *codes))

    def _phrases_in(
        self, item: Item, variant: int = 0, worded: Item | Variant | None = None
    ) -> list[Phrase]:
        """The phrases in the wording of an item, or of one of its variants."""
        phrases = self._precomputed.phrases.get((self.language, item.id, variant))
        if phrases is None:
            lead_in = self.questionnaire.section_of[item.id].lead_in or ""
            worded = worded or item
            texts = f"{worded.text} {worded.read_aloud or ''} {lead_in}"
            phrases = [p for p in self.questionnaire.phrases if f"{{{p.id}}}" in texts]
            self._precomputed.phrases[self.language, item.id, variant] = phrases
        return phrases

    def _answered_otherwise(self, item: Item, wording: str) -> list[str]:
        """The keys of the steps of an item that were answered under a different wording."""
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
        """The answers on the route, and `not_asked` for items that these answers exclude."""
        return self._walk.answers

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the route in order, up to the last one that the answers determine."""
        return self._walk.route.steps

    @property
    def step(self) -> Step | None:
        """The current step; None at the end."""
        return None if self.at is None else self.step_at(self.at)

    def step_at(self, key: str) -> Step | None:
        """The step with this key, if it is on the route."""
        place = self._walk.route.places.get(key)
        return None if place is None else self.steps[place]

    def steps_of(self, step: Step) -> tuple[Step, ...]:
        """The steps on the route that belong to the same item as this step."""
        first = last = self._walk.route.places[step.key]
        while first > 0 and self.steps[first - 1].item.id == step.item.id:
            first -= 1
        while last < len(self.steps) and self.steps[last].item.id == step.item.id:
            last += 1
        return self.steps[first:last]

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
        place = self._walk.first_open
        return self.steps[place] if place < len(self.steps) else None

    def is_answered(self, step: Step) -> bool:
        """True if a step was answered with its current wording."""
        return step.key in self._walk.valid

    def is_reworded(self, step: Step) -> bool:
        """True if the question text differs from the text when the step was answered."""
        if step.specifies or step.key not in self.given:
            return False
        earlier = self._earlier_stem(step.item, self.wordings.get(step.key, ""))
        return earlier is not None and earlier != self.stem(step)

    def _earlier_stem(self, item: Item, wording: str) -> str | None:
        """The question text under an earlier wording, in the current language; None if unknown."""
        for number, worded in reversed([*enumerate((item, *item.variants))]):
            phrases = self._phrases_in(item, number, worded)
            codes = wording.split(" ") if number or phrases else []
            if number and codes.pop(0) != str(number):
                continue
            if len(codes) == len(phrases) and (codes or number or not wording):
                text = (self.mode != "self" and worded.read_aloud) or worded.text
                for phrase, code in zip(phrases, codes, strict=True):
                    text = text.replace(f"{{{phrase.id}}}", phrase.texts.get(code, ""))
                return text
        return None

    @property
    def answered(self) -> int:
        """The number of items on the route before the first unanswered item."""
        if self._walk.ending is not None and self.at is not None:
            return self._before_ending.answered
        items, step = self._walk.route.items, self.first_open
        return len(items) if step is None else items[step.item.id]

    @property
    def unused(self) -> int:
        """The number of answered items that are off the route and so not part of the response."""
        return sum(self.answers.get(item_id) == NOT_ASKED for item_id in self._keys_given)

    @property
    def returns_to_review(self) -> bool:
        """True at a step that was opened from the review, to which going back leads."""
        return self.opened is not None and self.at == self.opened and self.status == "ready"

    @property
    def section(self) -> Section:
        """The section of the current step, or the last section at the end."""
        step = self.step
        sections = self.questionnaire.sections
        return self.questionnaire.section_of[step.item.id] if step else sections[-1]

    @property
    def can_hand_in(self) -> bool:
        """True if there are enough answers for a partial response."""
        place = self._walk.first_open
        if self._walk.ending is not None or place == len(self.steps):
            return False
        section_of = self.questionnaire.section_of
        before = self.steps[:place]
        return any(section_of[step.item.id].makes_partial for step in reversed(before))

    @cached_property
    def progress(self) -> Progress:
        """The progress on the route.

        If the user goes back after an early end, the answer that ended the interview is ignored.
        """
        if self._walk.ending is not None and self.at is not None:
            return self._before_ending.progress
        (more, longest), step = self._ahead, self.step
        asked, elapsed = self._walk.route.items, self._walk.route.elapsed(self._seconds)
        total = elapsed[-1] + longest
        done = total if step is None else elapsed[asked[step.item.id]]
        if step is not None and step.asks == "one":
            done += self._seconds[step.item.id] * (step.number - 1) / step.count
        return Progress(
            number=len(asked) if step is None else asked[step.item.id] + 1,
            of=len(asked) + more,
            exact=not self._walk.undecided,
            fraction=done / total if total else 1.0,
            seconds_left=round(total - done),
        )

    @property
    def _before_ending(self) -> Interview:
        """A copy without the answer that ends the interview early."""
        ending = self.steps[-1].key
        return self.having(given={k: v for k, v in self.given.items() if k != ending})

    @property
    def _seconds(self) -> Mapping[str, float]:
        """The time that each item takes, in seconds, in the language and mode of the interview."""
        seconds = self._precomputed.seconds.get(self.language)
        if seconds is None:
            source = self.spoken.get(self.questionnaire.language, self.questionnaire)
            seconds = seconds_of(source, self.questionnaire, aloud=self.mode != "self")
            self._precomputed.seconds[self.language] = seconds
        return seconds

    @property
    def _ahead(self) -> tuple[int, float]:
        """The maximum number of items and seconds that undecided items can still add."""
        parts, answers, known = self._precomputed.parts, self.answers, self._precomputed.ahead
        undecided = [item.id for item in self._walk.undecided]
        items, time = 0, 0.0
        for number in {parts.number_of[item]: None for item in undecided}:
            left = [item for item in undecided if parts.number_of[item] == number]
            deciding = [answers.get(item) for item in parts.deciders(number)]
            key = (self.language, *left, str(deciding))
            if key not in known:
                seconds = {item: self._seconds[item] for item in left}
                ways = parts.ways(parts.all[number], seconds, answers)
                known[key] = (
                    max((way.items for way in ways), default=0),
                    max((way.longest for way in ways), default=0.0),
                )
            items, time = items + known[key][0], time + known[key][1]
        return items, time

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
        """Insert phrases into a text, depending on the answers given."""
        for phrase in self.questionnaire.phrases:
            token = f"{{{phrase.id}}}"
            if token in text:
                code = _phrase_code(self.questionnaire, phrase, self.answers)
                text = text.replace(token, phrase.texts[code] if code else "")
        return text

    def lead_in(self, step: Step) -> str | None:
        """The lead-in of the section, if this step is the first of the section on the route."""
        section = self.questionnaire.section_of[step.item.id]
        if section.lead_in is None:
            return None
        place = self._walk.route.places[step.key]
        before = self.steps[place - 1].item.id if place else None
        is_first = before is None or self.questionnaire.section_of[before] != section
        return self.insert(section.lead_in) if is_first else None

    # -- moves -----------------------------------------------------------------------------------

    def answer(self, raw: object) -> Interview:
        """Answer the current step.

        A text step accepts a string, which may be empty if the item is optional. Other steps accept
        a code, a list of codes, a number, or a reserved code that is allowed at the step.
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
        changed = self.having(given=given, texts=texts, wordings=wordings)
        is_free = step.item.id in self._usual_steps and step.item.id in self._precomputed.parts.free
        if is_free and self._walk.ending is None:
            vars(changed)["_walk"] = self._walk.with_answer(step.key, given[step.key])
        return changed._moved_on(step)

    def _open_step(self) -> Step:
        if self.step is None:
            raise InvalidAnswer(_("No question is open."), hint=_("Go back to a question first."))
        return self.step

    def back(self) -> Interview:
        """Go back one step; at the first step, the interview is unchanged.

        Going back from any rank leaves the ranking; going back to a ranking enters it at its last
        rank. From a step that was opened from the review, go back to the review.
        """
        if self.returns_to_review:
            return self._at(None, returning=False, opened=None)
        here = len(self.steps) if self.at is None else self._walk.route.places[self.at]
        step = self.step
        if step is not None and isinstance(step.item, Ranking):
            here -= step.number - 1
        return self._at(self.steps[here - 1].key) if here > 0 else self

    def take_back(self) -> Interview:
        """Undo the last choice in the current ranking, if any, and ask for this rank again."""
        item = self._open_step().item
        ranks = [s for s in self.steps if s.item.id == item.id and self.is_answered(s)]
        if not isinstance(item, Ranking) or not ranks:
            return self
        given = {key: value for key, value in self.given.items() if key != ranks[-1].key}
        return self.having(given=given, at=ranks[-1].key)

    def jump(self, key: str) -> Interview:
        """Go to another step; when it is answered, go to the first open step or the review.

        Only answered steps and the first open step can be reached. `key` is the key of a step or
        the id of an item, which stands for the item's first step. If the item is a matrix, all its
        rows are then asked in order.
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

        From there on, answered steps are skipped.
        """
        step = None if self.status in ("refused", "screened_out") else self.first_open
        if step is None:
            return self._at(None, returning=False, opened=None)
        behind = self.steps[self.steps.index(step) + 1 :]
        returning = bool(self.given) and any(map(self.is_answered, behind))
        return self._at(step.key, returning=returning, opened=None)

    def _at(self, key: str | None, **changes: Any) -> Interview:
        """A copy at another step with the same answers; it reuses the computed route."""
        moved = self.having(at=key, **changes)
        vars(moved)["_walk"] = self._walk
        return moved

    def remark(self, text: str) -> Interview:
        """Add a note to the current item; an empty text removes the note."""
        step = self._open_step()
        remarks = dict(self.remarks)
        remarks.pop(step.item.id, None)
        if noted := check_text(text, LONGEST_REMARK):
            remarks[step.item.id] = noted
        return self.having(remarks=remarks)

    def speak(self, language: str) -> Interview:
        """Switch to another language, keeping the current step and the answers."""
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
            return self.having(questionnaire=self.spoken[language], language=language)
        except DefinitionError as error:
            raise InvalidAnswer(error.message, hint=error.hint) from None

    def _moved_on(self, step: Step) -> Interview:
        here = self._walk.route.places[step.key]
        following = self.steps[here + 1] if here + 1 < len(self.steps) else None
        if following is None or self.status in ("refused", "screened_out"):
            return self.resumed()
        same = following.item.id == step.item.id
        if self.returning and (not same or (isinstance(step.item, Matrix) and not self.through)):
            return self.resumed()
        return self._at(following.key if same else self.entered(following))

    def entered(self, step: Step) -> str:
        """The step at which an item is entered; for a ranking, the first open rank or the last."""
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
        options = self.questionnaire.options(item)
        alone = {option.code for option in options if option.exclusive}
        for key in rank_keys(item)[: len(options) - len(alone) or 1]:
            value = given.get(key)
            if value is None:
                return None
            if value == BLANK:
                break
            if value in item.missing or (value == "pna" and not ranked):
                return value
            ranked.append(str(value))
            if value in alone:
                break
        return tuple(ranked) or BLANK

    def closed_answers(self) -> dict[str, Answer]:
        """The answers to all items for a response; open items are `not_reached`.

        Answers after the first open step also become `not_reached`. Items that the remaining
        answers exclude from the route stay `not_asked`.
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
    """The first variant whose condition is true, and its number; otherwise, the item and 0."""
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
    """After a change, remove repeated options from the later ranks and close the gaps."""
    if not isinstance(step.item, Ranking) or given[step.key] in step.accepts:
        return
    keys = rank_keys(step.item)
    ranked = [given[key] for key in keys[: step.number]]
    later = [given.pop(key) for key in keys[step.number :] if key in given]
    left = [value for value in later if value not in ranked]
    given.update(zip(keys[step.number :], left, strict=False))
