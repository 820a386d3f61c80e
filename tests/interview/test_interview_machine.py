"""Properties of any interview: no dead end, no lost answer, and a valid record at the end."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from jsonschema import Draft202012Validator

from microcred_cli.errors import InvalidAnswer
from microcred_cli.interview import Interview
from microcred_cli.interview.steps import rank_keys
from microcred_cli.questionnaire.models import Integer, Questionnaire, Ranking
from microcred_cli.questionnaire.routes import routes
from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.records.recoding import stored
from microcred_cli.records.schema import response_schema
from microcred_cli.records.validation import Agreement
from tests.scenario import builtin, record_of, resume, some_answer, some_questionnaire

if TYPE_CHECKING:
    from microcred_cli.interview import Step
    from microcred_cli.questionnaire.routes import Route

SEEDS = st.integers(0, 2**32 - 1)
MOST_STEPS = 200


@cache
def builtin_validator() -> Draft202012Validator:
    return Draft202012Validator(response_schema(builtin()))


@cache
def routes_of(definition: str) -> tuple[Route, ...]:
    return routes(Questionnaire.model_validate_json(definition))


def wrong_answer(step: Step, random: Random) -> object:
    """A value that a step must reject."""
    wrong: list[object] = [None, {}, 2.5, True, b"a"]
    if step.asks == "text":
        return random.choice([*wrong, 7, ["a"], "x" * (step.max_length + 1)])
    wrong += ["zz", "not_asked", "not_reached", "", ["zz"], [], ["a", "a"]]
    wrong += [code for code in ("dk", "pna", "blank") if code not in step.accepts]
    if isinstance(step.item, Integer):
        wrong += [step.item.minimum - 1, step.item.maximum + 1, str(step.item.minimum), 1.0]
    if step.asks == "some":
        wrong += [["dk"], step.options[0].code, [step.options[0].code] * 2]
        alone = [option.code for option in step.options if option.exclusive]
        wrong += [[step.options[0].code, alone[0]]] if alone else []
    return random.choice(wrong)


class InterviewMachine(RuleBasedStateMachine):
    """A person in an interview, and a plain record of their answers for comparison."""

    interview: Interview

    def questionnaire(self, random: Random) -> Questionnaire:
        raise NotImplementedError

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        random = Random(seed)
        questionnaire = self.questionnaire(random)
        self.interview = Interview.begin(questionnaire, seed=random.randrange(16))
        self.routes = routes_of(questionnaire.model_dump_json(by_alias=True, exclude_none=True))
        self.said: dict[str, object] = {}
        self.typed: dict[str, str] = {}

    # -- actions of a person ---------------------------------------------------------------------

    @precondition(lambda self: self.interview.step is not None)
    @rule(seed=SEEDS)
    def answer(self, seed: int) -> None:
        self.give(Random(seed), ending=seed % 10 == 0)

    @precondition(lambda self: self.interview.step is not None)
    @rule(seed=SEEDS, count=st.integers(2, 40))
    def answer_on(self, seed: int, count: int) -> None:
        random = Random(seed)
        for _ in range(count):
            if self.interview.step is not None:
                self.give(random, ending=False)

    @precondition(lambda self: self.interview.step is not None)
    @rule(seed=SEEDS)
    def answer_wrongly(self, seed: int) -> None:
        step = self.interview.step
        assert step is not None
        before = (self.interview.at, dict(self.interview.given), dict(self.interview.texts))
        with pytest.raises(InvalidAnswer):
            self.interview.answer(wrong_answer(step, Random(seed)))
        assert before == (self.interview.at, self.interview.given, self.interview.texts)

    @rule()
    def go_back(self) -> None:
        keys = [step.key for step in self.interview.steps]
        before = self.interview
        here = keys.index(before.at) if before.at else len(keys)
        if before.step is not None and isinstance(before.step.item, Ranking):
            here -= before.step.number - 1
        self.interview = before.back()
        if before.at is not None and before.at == before.opened and before.status == "ready":
            assert self.interview.at is None
        else:
            assert self.interview.at == (keys[here - 1] if here else before.at)

    @rule()
    def take_back_a_choice(self) -> None:
        step = self.interview.step
        if step is None or not isinstance(step.item, Ranking):
            return
        ranks = [s for s in self.interview.steps if s.item.id == step.item.id]
        chosen = [s.key for s in ranks if self.interview.is_answered(s)]
        if chosen:
            self.interview = self.interview.take_back()
            assert self.interview.at == chosen[-1]
            del self.said[chosen[-1]]

    @rule(seed=SEEDS)
    def jump(self, seed: int) -> None:
        step = Random(seed).choice(self.interview.steps)
        if self.interview.is_answered(step) or step == self.interview.first_open:
            self.interview = self.interview.jump(step.key)
            assert self.interview.at == step.key
        else:
            with pytest.raises(InvalidAnswer):
                self.interview.jump(step.key)

    @rule(seed=SEEDS)
    def change_an_earlier_answer(self, seed: int) -> None:
        random = Random(seed)
        answered = [step for step in self.interview.steps if self.interview.is_answered(step)]
        if answered:
            self.interview = self.interview.jump(random.choice(answered).key)
            self.give(random, ending=False)

    @rule()
    def pause_and_resume(self) -> None:
        before = self.interview
        self.interview = resume(before)
        assert self.interview.given == before.given
        assert self.interview.texts == before.texts
        assert self.interview.step == self.interview.first_open or before.status != "open"

    @rule(seed=SEEDS)
    def see_that_it_can_be_completed(self, seed: int) -> None:
        random = Random(seed)
        copy = self.interview
        if copy.status in ("refused", "screened_out"):
            copy = copy.resumed().back()
            assert copy.step is not None
            copy = copy.answer(some_answer(copy.step, random))
        copy = copy.resumed()
        for _ in range(MOST_STEPS):
            if copy.step is None:
                break
            copy = copy.answer(some_answer(copy.step, random))
        assert copy.status == "ready"
        self.check_record(copy)

    @rule(seed=SEEDS)
    def see_that_going_on_comes_to_an_end(self, seed: int) -> None:
        random = Random(seed)
        copy = self.interview
        for _ in range(MOST_STEPS):
            if copy.step is None:
                break
            copy = copy.answer(some_answer(copy.step, random))
        assert copy.at is None

    # -- invariants ------------------------------------------------------------------------------

    @invariant()
    def what_was_said_is_kept(self) -> None:
        assert dict(self.interview.given) == self.said
        assert dict(self.interview.texts) == self.typed

    @invariant()
    def one_step_of_the_route_is_current_or_none_is_open(self) -> None:
        interview = self.interview
        keys = [step.key for step in interview.steps]
        assert len(set(keys)) == len(keys)
        if interview.at is None:
            assert interview.status != "open"
        else:
            assert interview.at in keys
        progress = interview.progress
        assert 1 <= progress.number <= progress.of or not keys
        assert 0 <= progress.fraction <= 1
        assert progress.seconds_left >= 0

    @invariant()
    def a_state_is_as_if_it_were_computed_from_its_answers_alone(self) -> None:
        interview, fresh = self.interview, self.interview.having()
        assert interview.answers == fresh.answers
        assert interview.steps == fresh.steps
        assert interview.first_open == fresh.first_open
        assert interview.progress == fresh.progress

    @invariant()
    def no_route_that_is_still_possible_is_longer_than_said(self) -> None:
        interview = self.interview
        if interview.status in ("refused", "screened_out"):
            return
        asked = {step.item.id for step in interview.steps}
        passed = {item for item, answer in interview.answers.items() if answer == NOT_ASKED}
        possible = [
            route.items
            for route in self.routes
            if passed.isdisjoint(route.items) and (route.ends or asked <= {*route.items})
        ]
        assert interview.progress.of == max(map(len, possible))

    @invariant()
    def what_can_be_closed_is_a_valid_record(self) -> None:
        if self.interview.status == "ready" or self.interview.can_hand_in:
            self.check_record(self.interview)

    # -- implementation --------------------------------------------------------------------------

    def give(self, random: Random, *, ending: bool) -> None:
        before, step = self.interview, self.interview.step
        assert step is not None
        self.interview = after = before.answer(some_answer(step, random, ending=ending))
        self.note(step)
        if step == before.first_open and after.status in ("open", "ready"):
            assert after.progress.of <= before.progress.of
            assert after.progress.fraction >= before.progress.fraction
            assert after.progress.exact or not before.progress.exact

    def note(self, step: Step) -> None:
        """Update the plain record; lower ranks may move up after a change, but keep their order."""
        given, texts = self.interview.given, self.interview.texts
        self.said[step.key] = given[step.key]
        if step.asks == "text":
            self.typed.pop(step.key, None)
            if step.key in texts:
                self.typed[step.key] = texts[step.key]
        if isinstance(step.item, Ranking):
            later = rank_keys(step.item)[step.number :]
            old = [self.said.pop(key) for key in later if key in self.said]
            new = [given[key] for key in later if key in given]
            ranked = [given.get(key) for key in rank_keys(step.item)[: step.number]]
            assert new == old or new == [value for value in old if value not in ranked]
            self.said |= {key: given[key] for key in later if key in given}

    def check_record(self, interview: Interview) -> None:
        questionnaire = interview.questionnaire
        record = record_of(interview)
        assert Agreement(stored(questionnaire)).faults(record["answers"], record["status"]) == []
        own = questionnaire is not builtin()
        schema = Draft202012Validator(response_schema(questionnaire)) if own else None
        assert (schema or builtin_validator()).is_valid(record)


class BuiltinMachine(InterviewMachine):
    """An interview with the built-in questionnaire."""

    def questionnaire(self, random: Random) -> Questionnaire:  # noqa: ARG002
        return builtin()


class SmallMachine(InterviewMachine):
    """An interview with a small questionnaire of any shape."""

    def questionnaire(self, random: Random) -> Questionnaire:
        return some_questionnaire(random)


@pytest.mark.parametrize("machine", [BuiltinMachine, SmallMachine])
def test_a_person_can_do_anything(machine: type[InterviewMachine]) -> None:
    examples = 20 if machine is BuiltinMachine else 80
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=examples, stateful_step_count=20, deadline=None),
    )
