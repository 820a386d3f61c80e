from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.errors import DefinitionError
from microcred_cli.questionnaire.conditions import category_of, holds
from microcred_cli.questionnaire.loading import canonical, find
from microcred_cli.questionnaire.models import (
    Multiple,
    Questionnaire,
    Ranking,
    Single,
    allowed_missing,
)
from microcred_cli.questionnaire.routes import Route, routes, situations
from tests.questionnaire.cases import CASES, changed
from tests.questionnaire.sample import SAMPLE
from tests.scenario import parse_yaml

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Item
    from microcred_cli.questionnaire.values import Answer


def questionnaire_of(text: str) -> Questionnaire:
    return Questionnaire.model_validate_json(canonical(parse_yaml(text)))


EMPLOYERS = questionnaire_of(find("mc_employers").read_text(encoding="utf-8"))
INVENTED = questionnaire_of(
    """
format: microcred-questionnaire/1
id: invented
version: "1"
language: en
title: Invented
short_title: Invented
rights: none
background: {written: [], read_aloud: []}
computed:
  - id: eager
    label: Eager
    categories:
      - code: very
        label: Very
        when: {all: [{item: likes, any_of: [b]}, {item: likes, any_of: [c]}]}
      - {code: some, label: Some, when: {item: ranks, any_of: [x, pna]}}
      - {code: not, label: Not}
phrases: []
sections:
  - id: one
    label: One
    items:
      - &single {id: start, kind: single, concept: c, required: hard, seconds: 1, text: T,
          options: [{code: go, label: L}, {code: stop, label: L, ends: refused},
                    {code: out, label: L, ends: screened_out}]}
      - {id: likes, kind: multiple, concept: c, required: soft, seconds: 2, text: T, at_most: 2,
          missing: [dk], options: [{code: a, label: L}, {code: b, label: L}, {code: c, label: L},
          {code: z, label: L, exclusive: true}]}
      - {id: ranks, kind: ranking, concept: c, required: optional, seconds: 4, text: T, ranks: 2,
          options: [{code: x, label: L}, {code: y, label: L}, {code: w, label: L}],
          asked_if: {item: likes, any_of: [a, z, dk]}}
      - {id: both, kind: open, concept: c, required: optional, seconds: 8, text: T, max_length: 1,
          asked_if: {item: eager, any_of: [very]}}
      - {id: last, kind: single, concept: c, required: soft, seconds: 16, text: T,
          options: [{code: "1", label: L}, {code: "2", label: L, ends: screened_out}],
          asked_if: {any: [{item: ranks, any_of: [y, blank]}, {not: {item: eager, any_of: [not]}}]}}
      - {id: end, kind: open, concept: c, required: optional, seconds: 32, text: T, max_length: 1,
          asked_if: {none_of: [pna, not_asked], item: last}}
""".replace("&single ", "")
)


class TestTheEmployersSurvey:
    def test_asks_each_group_as_many_items_as_the_documentation_says(self) -> None:
        counts: dict[tuple[object, object], list[int]] = defaultdict(list)
        for route in routes(EMPLOYERS):
            if route.ends is None:
                counts[route.answers["org_role"], relation_on(route)].append(len(route.items))
        assert {group: (min(found), max(found)) for group, found in counts.items()} == {
            ("employer", "provides"): (34, 36),
            ("representative", "provides"): (34, 36),
            ("employer", "aware"): (19, 34),
            ("representative", "aware"): (19, 34),
            ("employer", "unaware"): (19, 19),
            ("representative", "unaware"): (19, 19),
        }

    @pytest.mark.parametrize(
        ("involvement", "items"),
        [
            (("awards",), {"mc_takeup", "employer_use", "mc_usefulness"}),
            (("designs",), {"employer_use", "mc_usefulness"}),
            (("pays",), {"employer_use", "mc_usefulness"}),
            (("knows_only",), {"mc_usefulness"}),
            (("not_aware",), {"support_wanted"}),
            ("dk", {"employer_use", "mc_usefulness"}),
        ],
    )
    def test_asks_nobody_about_what_they_have_denied(
        self, involvement: Answer, items: set[str]
    ) -> None:
        said: dict[str, Answer] = {"org_role": "employer", "involvement": involvement}
        taken, _ = walk(EMPLOYERS, {**said, "mc_awarder": "employer", "mc_earners": ("own_staff",)})
        watched = {"mc_takeup", "employer_use", "mc_usefulness", "support_wanted"}
        assert watched & set(taken) == items

    def test_does_not_ask_how_many_earned_what_nobody_has_earned_yet(self) -> None:
        said: dict[str, Answer] = {"involvement": ("awards",), "mc_earners": ("nobody",)}
        assert "mc_takeup" not in walk(EMPLOYERS, said)[0]

    @pytest.mark.parametrize(
        "involvement", ["pna", ("knows_only",), ("informs",), ("informs", "other")]
    )
    def test_asks_those_who_may_have_none_in_mind_about_one_only_if_they_know_it(
        self, involvement: Answer
    ) -> None:
        said: dict[str, Answer] = {"involvement": involvement}
        taken, _ = walk(EMPLOYERS, {**said, "mc_awarder": "dk"})
        assert [item for item in taken if item.startswith("mc_")] == ["mc_example", "mc_awarder"]
        assert "mc_usefulness" in walk(EMPLOYERS, {**said, "mc_awarder": "employer"})[0]

    def test_asks_those_who_use_them_about_one_even_if_they_do_not_know_who_awards_it(self) -> None:
        said: dict[str, Answer] = {"involvement": ("informs", "uses"), "mc_awarder": "dk"}
        assert "mc_usefulness" in walk(EMPLOYERS, said)[0]


def relation_on(route: Route) -> str | None:
    return category_of(EMPLOYERS.computed_by_id["relation"], route.answers, EMPLOYERS)


class TestARoute:
    @pytest.mark.parametrize("questionnaire", [EMPLOYERS, INVENTED], ids=lambda q: q.id)
    def test_is_taken_with_the_answers_it_gives(self, questionnaire: Questionnaire) -> None:
        for route in routes(questionnaire):
            taken, ends = walk(questionnaire, dict(route.answers))
            assert (taken, ends) == (route.items, route.ends)

    def test_is_there_once(self) -> None:
        found = [(route.items, route.ends) for route in routes(INVENTED)]
        assert len(found) == len(set(found))

    def test_takes_the_seconds_of_its_items(self) -> None:
        by_id = INVENTED.by_id
        for route in routes(INVENTED):
            assert route.seconds == sum(by_id[item].seconds for item in route.items)

    def test_cannot_need_more_choices_than_the_item_allows(self) -> None:
        both = [route for route in routes(INVENTED) if "both" in route.items]
        assert {route.answers["likes"] for route in both} == {("b", "c")}
        assert all("ranks" not in route.items for route in both)

    def test_has_no_answer_where_nothing_decides(self) -> None:
        (route,) = routes(questionnaire_of(changed("{item: relation, any_of: [near]}", SAME)))[1:2]
        assert set(route.answers) <= {"consent", "role", "uses"}


SAME = "{item: uses, any_of: [daily]}"


def walk(
    questionnaire: Questionnaire, answers: dict[str, Answer]
) -> tuple[tuple[str, ...], str | None]:
    """The items asked, and the final status, for these answers."""
    taken: list[str] = []
    known: dict[str, Answer] = {}
    for item in questionnaire.items:
        if not holds(item.asked_if, known, questionnaire):
            known[item.id] = "not_asked"
            continue
        taken.append(item.id)
        known[item.id] = answers.get(item.id, "pna")
        for option in questionnaire.options(item):
            if option.ends and option.code == known[item.id]:
                return tuple(taken), option.ends
    return tuple(taken), None


def answers_to(questionnaire: Questionnaire, item: Item) -> st.SearchStrategy[Answer]:
    """Any possible answer to an item."""
    missing = [*allowed_missing(item), *(["blank"] if item.required == "optional" else [])]
    options = questionnaire.options(item)
    codes = [option.code for option in options if not option.exclusive]
    kept: list[st.SearchStrategy[Answer]] = [st.sampled_from(missing)] if missing else []
    if isinstance(item, Multiple | Ranking):
        most = item.ranks if isinstance(item, Ranking) else item.at_most
        kept += [
            st.lists(st.sampled_from(codes), min_size=1, max_size=most, unique=True).map(tuple),
            st.sampled_from([(option.code,) for option in options]),
        ]
    elif isinstance(item, Single):
        kept.append(st.sampled_from([option.code for option in options]))
    return st.one_of(*kept) if kept else st.just("given")


@pytest.mark.parametrize("questionnaire", [EMPLOYERS, INVENTED], ids=lambda q: q.id)
@given(data=st.data())
@settings(max_examples=75, deadline=None)
def test_every_interview_takes_one_of_the_routes(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    deciding = {name for route in routes(questionnaire) for name in route.answers}
    answers = {
        item.id: data.draw(answers_to(questionnaire, item), label=item.id)
        for item in questionnaire.items
        if item.id in deciding
    }
    known = {(route.items, route.ends) for route in routes(questionnaire)}
    assert walk(questionnaire, answers) in known


class TestSituations:
    def test_are_those_in_which_an_items_turn_comes(self) -> None:
        counts = {item.id if item else "": len(found) for item, found in situations(EMPLOYERS)}
        assert counts["consent"] == counts["org_role"] == 1
        assert counts["country"] == 2
        assert counts[""] == 1

    def test_tell_whether_the_section_has_begun(self) -> None:
        begun = {
            item.id: {place.begun for place in found}
            for item, found in situations(questionnaire_of(SAMPLE))
            if item is not None
        }
        assert begun["consent"] == begun["uses"] == {False}
        assert begun["role"] == begun["remarks"] == {True}


def test_too_many_routes_are_refused() -> None:
    _, old, new = CASES["too many routes"]
    with pytest.raises(DefinitionError) as caught:
        routes(questionnaire_of(changed(old, new)))
    assert [fault.code for fault in caught.value.faults] == ["Q045"]
