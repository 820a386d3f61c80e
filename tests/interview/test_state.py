from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from microcred_cli.errors import InvalidAnswer
from microcred_cli.interview import Interview
from microcred_cli.interview.steps import options_shown, rows_shown
from microcred_cli.questionnaire.durations import group_minutes, introduction_seconds, minutes_of
from microcred_cli.questionnaire.loading import load
from microcred_cli.questionnaire.models import Choice, Matrix
from microcred_cli.questionnaire.values import Reserved
from tests.scenario import Scenario, builtin, questionnaire_of

if TYPE_CHECKING:
    from microcred_cli.records.shapes import Mode

LOADED = load("mc_employers")
ROUTED = """
    items:
      - {id: role, options: [boss, clerk], missing: [pna]}
      - {id: staff, kind: integer, minimum: 0, maximum: 9, asked_if: {item: role, any_of: [boss]}}
      - {id: union, options: ["yes", "no"], asked_if: {item: role, any_of: [clerk]}}
      - {id: end, kind: open, required: optional}
"""
LISTS = """
    items:
      - {id: names, kind: multiple, options: [a, b, other+, none!], missing: [dk], at_most: 2}
      - {id: end, options: [x, y]}
"""
RANKED = """
    items:
      - {id: best, kind: ranking, ranks: 3, options: [a, b, c, d], missing: [dk]}
      - {id: end, options: [x, y]}
"""
ROWS = """
    items:
      - {id: trust, kind: matrix, rows: [bank, shop], options: ["1", "2"], missing: [dk]}
      - {id: end, options: [x, y]}
"""
WORDED = """
    computed:
      - id: own
        categories:
          - {code: mine, when: {item: role, any_of: [boss, owner]}}
          - {code: theirs}
    phrases:
      - {id: whose, by: own, texts: {mine: your shop, theirs: the shop}}
    sections:
      - {id: one, items: [{id: role, options: [boss, owner, clerk]}]}
      - id: two
        makes_partial: true
        items:
          - {id: size, options: [a, b], text: "How big is {whose}?"}
          - {id: plain, options: [a, b]}
          - id: kinds
            kind: multiple
            options: [a, other+]
            variants: [{when: {item: role, any_of: [clerk]}, text: "Which there?"}]
      - id: three
        lead_in: Now about {whose}.
        items:
          - {id: best, kind: ranking, ranks: 2, options: [a, b, c]}
"""
FRUIT_AT_11 = ["plum", "pear", "fig", "apple", "other", "none"]
TRUST_AT_11 = ["club", "state", "shop", "bank"]


class TestWordings:
    """A question whose words a change made others is open again, with its earlier answer."""

    def answered(self) -> Scenario:
        scenario = Scenario(WORDED).answer("role", "boss").answer("size", "a").answer("plain", "a")
        scenario.answer("kinds", ["other"]).answer("kinds.other", "Own")
        return scenario.answer("best", "a").answer("best", "b").at(None)

    def test_other_words_are_asked_again_and_nothing_else(self) -> None:
        scenario = self.answered().jump("role").answer("role", "clerk")
        assert scenario.interview.given["size"] == "a"
        scenario.at("size").answer("size", "b").at("kinds").pause_and_resume().at("kinds")
        assert scenario.interview.answers.keys() == {"role", "size", "plain"}
        scenario.answer("kinds", ["other"]).at("kinds.other")
        assert scenario.interview.texts["kinds.other"] == "Own"
        scenario.answer("kinds.other", "Own").at("best").answer("best", "c").answer("best", "a")
        scenario.at(None).closed(
            {"role": "clerk", "size": "b", "plain": "a", "kinds": ("other",), "best": ("c", "a")}
        )

    def test_the_same_words_by_another_answer_are_not_asked_again(self) -> None:
        self.answered().jump("role").answer("role", "owner").at(None).status("ready")

    def test_answers_come_back_with_their_words(self) -> None:
        scenario = self.answered()
        closed = scenario.interview.closed_answers()
        scenario.jump("role").answer("role", "clerk").at("size")
        scenario.back().answer("role", "boss").at(None).closed(closed)

    def test_what_was_not_asked_again_is_in_no_response(self) -> None:
        scenario = self.answered().jump("role").answer("role", "clerk").at("size")
        scenario.answer("size", "pna").closed(
            {
                "role": "clerk",
                "size": "pna",
                "plain": "a",
                "kinds": "not_reached",
                "best": "not_reached",
            }
        )
        assert scenario.interview.closed_texts() == {}


class TestUnused:
    def test_answers_that_the_route_excludes_are_counted(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 7).answer("end", "Ta")
        assert scenario.interview.unused == 0
        scenario.jump("role").answer("role", "clerk")
        assert scenario.interview.unused == 1
        scenario.jump("role").answer("role", "boss")
        assert scenario.interview.unused == 0


class TestRoutes:
    def test_an_answer_decides_which_question_comes_next(self) -> None:
        Scenario(ROUTED).answer("role", "boss").at("staff").route(["role", "staff", "end"])
        Scenario(ROUTED).answer("role", "clerk").at("union").route(["role", "union", "end"])

    def test_a_refused_driver_asks_neither_branch(self) -> None:
        Scenario(ROUTED).answer("role", "pna").at("end").closed(
            {"role": "pna", "staff": "not_asked", "union": "not_asked", "end": "not_reached"}
        )

    def test_before_its_driver_is_answered_a_question_is_neither_asked_nor_routed_past(
        self,
    ) -> None:
        Scenario(ROUTED).route(["role", "end"]).closed(
            dict.fromkeys(("role", "staff", "union", "end"), "not_reached")
        )

    def test_an_answer_off_the_route_is_kept_and_comes_back_with_the_route(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 7).answer("end", "Ta")
        scenario.jump("role").answer("role", "clerk").at("union").answer("union", "no")
        scenario.at(None).closed(
            {"role": "clerk", "staff": "not_asked", "union": "no", "end": "given"}
        )
        scenario.jump("role").answer("role", "boss").at(None).closed(
            {"role": "boss", "staff": 7, "union": "not_asked", "end": "given"}
        )

    def test_a_chain_of_routes_is_recomputed_as_a_whole(self) -> None:
        scenario = Scenario("""
            computed:
              - id: kind
                categories: [{code: big, when: {item: size, any_of: [large]}}, {code: small}]
            items:
              - {id: size, options: [large, tiny]}
              - {id: units, options: [one, many], asked_if: {item: kind, any_of: [big]}}
              - {id: sites, options: [here, there], asked_if: {item: units, any_of: [many]}}
        """)
        scenario.answer("size", "large").answer("units", "many").answer("sites", "here")
        scenario.jump("size").answer("size", "tiny").at(None).route(["size"])
        scenario.closed({"size": "tiny", "units": "not_asked", "sites": "not_asked"})

    def test_an_answer_that_closes_the_interview_ends_it_at_once(self) -> None:
        text = """
            items:
              - {id: consent, options: [{code: "yes"}, {code: "no", ends: refused}]}
              - {id: role, options: [{code: boss}, {code: neither, ends: screened_out}]}
              - {id: end, options: [x]}
        """
        refused = Scenario(text).answer("consent", "no").at(None).status("refused")
        assert not refused.interview.can_hand_in
        Scenario(text).answer("consent", "yes").answer("role", "neither").at(None).status(
            "screened_out"
        )

    def test_a_refusal_can_be_taken_back_before_leaving(self) -> None:
        text = """
            items:
              - {id: consent, options: [{code: "yes"}, {code: "no", ends: refused}]}
              - {id: end, options: [x]}
        """
        Scenario(text).answer("consent", "no").back().answer("consent", "yes").at("end")


class TestLists:
    def test_an_option_that_asks_for_a_text_is_followed_by_it_and_it_may_stay_empty(self) -> None:
        scenario = Scenario(LISTS).answer("names", ["other"]).at("names.other")
        scenario.answer("names.other", "  Mine ").at("end")
        assert dict(scenario.interview.texts) == {"names.other": "Mine"}
        Scenario(LISTS).answer("names", ["other"]).answer("names.other", "").at("end")

    def test_the_text_of_an_option_no_longer_chosen_never_comes_out(self) -> None:
        scenario = Scenario(LISTS).answer("names", ["other"]).answer("names.other", "Mine")
        scenario.jump("names").answer("names", ["a"]).answer("end", "x")
        assert scenario.interview.closed_texts() == {}
        scenario.jump("names").answer("names", ["a", "other"])
        assert scenario.interview.closed_texts() == {"names.other": "Mine"}

    def test_an_exclusive_option_stands_alone(self) -> None:
        Scenario(LISTS).refuses("names", ["a", "none"]).answer("names", ["none"]).at("end")

    @pytest.mark.parametrize(
        "wrong",
        [[], ["a", "a"], ["a", "b", "other"], ["zz"], ["dk"], "a", "pna_", None, 1, ["a", 1], {}],
    )
    def test_a_wrong_list_is_refused(self, wrong: object) -> None:
        Scenario(LISTS).refuses("names", wrong)

    def test_codes_take_the_order_of_the_definition(self) -> None:
        Scenario(LISTS).answer("names", ["b", "a"]).closed(
            {"names": ("a", "b"), "end": "not_reached"}
        )

    def test_a_reserved_code_is_an_answer_of_its_own(self) -> None:
        Scenario(LISTS).answer("names", "dk").at("end")
        Scenario(LISTS).answer("names", "pna").at("end")


class TestNumbersAndTexts:
    NUMBER = "items: [{id: n, kind: integer, minimum: 1, maximum: 5, missing: [dk]}]"

    @pytest.mark.parametrize("wrong", [0, 6, 2.0, True, "2", None, "blank"])
    def test_only_a_whole_number_within_the_limits_is_taken(self, wrong: object) -> None:
        Scenario(self.NUMBER).refuses("n", wrong)

    @pytest.mark.parametrize("right", [1, 5, "dk", "pna"])
    def test_the_limits_themselves_and_reserved_codes_are_taken(self, right: object) -> None:
        Scenario(self.NUMBER).answer("n", right).at(None)

    def test_a_typed_word_is_never_taken_for_a_reserved_code(self) -> None:
        text = "items: [{id: t, kind: open}, {id: end, options: [x]}]"
        typed = Scenario(text).answer("t", "pna").interview
        assert (typed.given["t"], typed.texts["t"]) == ("given", "pna")
        chosen = Scenario(text).answer("t", Reserved("pna")).interview
        assert (chosen.given["t"], dict(chosen.texts)) == ("pna", {})

    def test_an_optional_text_may_stay_empty_and_a_needed_one_may_not(self) -> None:
        Scenario("items: [{id: t, kind: open, required: optional}]").answer("t", " ").closed(
            {"t": "blank"}
        )
        Scenario("items: [{id: t, kind: open}]").refuses("t", " ")

    def test_emptying_a_text_removes_it(self) -> None:
        scenario = Scenario("items: [{id: t, kind: open, required: optional}]").answer("t", "Ta")
        scenario.back().answer("t", "")
        assert dict(scenario.interview.texts) == {}

    def test_a_text_longer_than_possible_is_refused(self) -> None:
        Scenario("items: [{id: t, kind: open, max_length: 3}]").refuses("t", "four").answer(
            "t", "abc"
        )


class TestRankings:
    def test_each_rank_offers_what_is_left_and_fewer_may_be_given(self) -> None:
        scenario = Scenario(RANKED).answer("best.1", "b").refuses("best.2", "b")
        scenario.answer("best.2", "a").answer("best.3", "blank").at("end")
        scenario.closed({"best": ("b", "a"), "end": "not_reached"})

    def test_the_first_rank_cannot_stay_empty_but_takes_a_reserved_code(self) -> None:
        Scenario(RANKED).refuses("best.1", "blank").answer("best.1", "dk").at("end")

    def test_a_changed_rank_closes_up_those_behind_it(self) -> None:
        scenario = Scenario(RANKED).answer("best.1", "a").answer("best.2", "b")
        scenario.answer("best.3", "c").jump("best.1").answer("best.1", "b")
        scenario.route(["best.1", "best.2", "best.3", "end"])
        assert dict(scenario.interview.given) == {"best.1": "b", "best.2": "c"}

    def test_ranks_behind_a_reserved_code_come_back_with_a_code(self) -> None:
        scenario = Scenario(RANKED).answer("best.1", "a").answer("best.2", "b")
        scenario.answer("best.3", "c").jump("best.1").answer("best.1", "dk").at("end")
        scenario.closed({"best": "dk", "end": "not_reached"})
        scenario.jump("best.1").answer("best.1", "d").answer("best.2", "b")
        scenario.answer("best.3", "c").at("end")

    def test_an_exclusive_option_can_only_be_first_and_ends_the_ranking(self) -> None:
        scenario = Scenario(
            "items: [{id: best, kind: ranking, ranks: 3, options: [a, b, none!]}, {id: end}]"
        )
        scenario.answer("best.1", "none").at("end")
        scenario.closed({"best": ("none",), "end": "not_reached"})
        scenario.jump("best.1").answer("best.1", "a").refuses("best.2", "none")
        scenario.answer("best.2", "b").at("end")
        scenario.closed({"best": ("a", "b"), "end": "not_reached"})

    def test_never_more_ranks_than_options(self) -> None:
        Scenario("items: [{id: best, kind: ranking, ranks: 3, options: [a, b]}]").answer(
            "best.1", "a"
        ).answer("best.2", "b").at(None)


class TestRows:
    def test_each_row_is_a_step_and_takes_a_reserved_code_of_its_own(self) -> None:
        scenario = Scenario(ROWS).answer("trust.bank", "dk").answer("trust.shop", "pna")
        scenario.at("end").closed({"trust": {"bank": "dk", "shop": "pna"}, "end": "not_reached"})

    def test_a_matrix_half_answered_has_its_open_rows_not_reached(self) -> None:
        Scenario(ROWS).answer("trust.bank", "1").closed(
            {"trust": {"bank": "1", "shop": "not_reached"}, "end": "not_reached"}
        )

    def test_a_row_refuses_a_whole_answer(self) -> None:
        Scenario(ROWS).refuses("trust.bank", {"bank": "1", "shop": "1"}).refuses(
            "trust.bank", "blank"
        )


class TestWords:
    TEXT = """
        phrases: [{id: whom, by: role, texts: {boss: your firm, clerk: your employer}}]
        items:
          - {id: role, options: [boss, clerk], missing: [pna]}
          - id: view
            options: [x, y]
            text: "How is {whom}?"
            read_aloud: "Tell me, how is {whom}?"
            variants: [{when: {item: role, any_of: [pna]}, text: "How is it?"}]
    """

    @pytest.mark.parametrize(
        ("role", "mode", "stem"),
        [
            ("boss", "self", "How is your firm?"),
            ("clerk", "self", "How is your employer?"),
            ("boss", "phone", "Tell me, how is your firm?"),
            ("pna", "self", "How is it?"),
            ("pna", "in_person", "How is it?"),
        ],
    )
    def test_words_follow_the_answers_and_the_mode(self, role: str, mode: str, stem: str) -> None:
        interview = Scenario(self.TEXT, mode=mode).answer("role", role).interview  # type: ignore[arg-type]
        assert interview.step is not None
        assert interview.stem(interview.step) == stem

    def test_a_lead_in_stands_before_the_first_question_of_its_section_on_the_route(self) -> None:
        scenario = Scenario("""
            sections:
              - {id: one, items: [{id: role, options: [boss, clerk]}]}
              - id: two
                lead_in: Now the rest.
                items:
                  - {id: staff, options: [x], asked_if: {item: role, any_of: [boss]}}
                  - {id: end, options: [y]}
        """).answer("role", "clerk")
        steps = {step.key: step for step in scenario.interview.steps}
        assert scenario.interview.lead_in(steps["end"]) == "Now the rest."
        scenario.back().answer("role", "boss")
        assert scenario.interview.lead_in(steps["end"]) is None


class TestOrder:
    TEXT = """
        items:
          - {id: fruit, kind: multiple, options: [apple, pear, plum, fig, other, none!],
             order: shuffled, anchored: 2}
          - {id: trust, kind: matrix, rows: [bank, shop, state, club], options: ["1"],
             rows_order: shuffled}
          - {id: land, options: [zoo, "École", alp, rest], order: alphabetical, anchored: 1}
    """

    def test_a_seed_gives_the_same_order_on_every_system_with_anchored_options_last(self) -> None:
        known = questionnaire_of(self.TEXT)
        fruit, trust = known.by_id["fruit"], known.by_id["trust"]
        assert isinstance(fruit, Choice)
        assert isinstance(trust, Matrix)
        assert [o.code for o in options_shown(known, fruit, 11)] == FRUIT_AT_11
        assert [row.code for row in rows_shown(trust, 11)] == TRUST_AT_11

    def test_codes_are_kept_in_the_order_of_the_definition_however_they_were_shown(self) -> None:
        scenario = Scenario(self.TEXT, seed=11).answer("fruit", ["plum", "fig", "apple"])
        assert scenario.interview.given["fruit"] == ("apple", "plum", "fig")

    def test_the_sixteen_seeds_give_different_orders(self) -> None:
        known = questionnaire_of(self.TEXT)
        fruit = known.by_id["fruit"]
        assert isinstance(fruit, Choice)
        orders = {tuple(o.code for o in options_shown(known, fruit, seed)) for seed in range(16)}
        assert len(orders) > 8
        assert {order[-2:] for order in orders} == {("other", "none")}

    def test_without_a_seed_the_order_is_that_of_the_definition(self) -> None:
        scenario = Scenario(self.TEXT)
        assert scenario.interview.step is not None
        assert [o.code for o in scenario.interview.step.options] == [
            "apple", "pear", "plum", "fig", "other", "none",
        ]  # fmt: skip

    def test_by_name_accents_do_not_matter_and_anchored_options_stay_last(self) -> None:
        known = questionnaire_of(self.TEXT)
        land = known.by_id["land"]
        assert isinstance(land, Choice)
        assert [o.code for o in options_shown(known, land, 11)] == ["alp", "École", "zoo", "rest"]

    def test_rows_are_asked_in_the_order_shown_and_stored_in_that_of_the_definition(self) -> None:
        scenario = Scenario(self.TEXT, seed=11).answer("fruit", ["fig"])
        for row in TRUST_AT_11:
            scenario.answer(f"trust.{row}", "1")
        closed = scenario.interview.closed_answers()["trust"]
        assert isinstance(closed, dict)
        assert list(closed) == ["bank", "shop", "state", "club"]


class TestProgress:
    def test_the_number_of_questions_never_grows_and_is_exact_once_nothing_can_shorten_it(
        self,
    ) -> None:
        scenario = Scenario(ROUTED)
        begun = scenario.interview.progress
        assert (begun.number, begun.of, begun.exact, begun.fraction) == (1, 3, False, 0.0)
        after = scenario.answer("role", "boss").interview.progress
        assert (after.number, after.of, after.exact) == (2, 3, True)
        done = scenario.answer("staff", 1).answer("end", "").interview.progress
        assert (done.number, done.of, done.fraction, done.seconds_left) == (3, 3, 1.0, 0)

    def test_no_longer_route_is_promised_than_there_is(self) -> None:
        progress = Interview.begin(builtin()).progress
        assert (progress.of, progress.seconds_left) == (36, 899)

    @pytest.mark.parametrize("language", LOADED.languages)
    @pytest.mark.parametrize("mode", ["self", "phone"])
    def test_the_first_question_has_the_minutes_of_the_first_page_without_its_own(
        self, language: str, mode: Mode
    ) -> None:
        spoken, aloud = LOADED.languages, mode != "self"
        interview = Interview.begin(builtin(), mode=mode, language=language, spoken=spoken)
        timed = group_minutes(builtin(), spoken[language], aloud=aloud)
        read = introduction_seconds(builtin(), spoken[language], aloud=aloud)
        whole = minutes_of(interview.progress.seconds_left + read)
        assert whole == max(most for _, most in timed.values())

    def test_back_from_an_early_end_the_rest_is_still_to_come(self) -> None:
        scenario = Scenario("""
            items:
              - {id: consent, options: [{code: "yes", label: "Yes"},
                                        {code: "no", label: "No", ends: refused}]}
              - {id: more, options: [x], seconds: 120}
        """)
        begun = scenario.interview.progress
        assert scenario.answer("consent", "no").interview.status == "refused"
        assert scenario.back().interview.progress == begun

    def test_rows_move_the_bar_within_their_question(self) -> None:
        scenario = Scenario(ROWS)
        first = scenario.interview.progress
        second = scenario.answer("trust.bank", "1").interview.progress
        assert (first.number, second.number) == (1, 1)
        assert (first.fraction, second.fraction) == (0.0, 0.25)


class TestMoving:
    def test_back_goes_through_the_same_questions_and_stops_at_the_first(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 1).answer("end", "")
        scenario.back().at("end").back().at("staff").back().at("role").back().at("role")

    def test_going_back_keeps_the_answers_and_going_on_passes_each_again(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 1)
        scenario.back().back().answer("role", "boss").at("staff").answer("staff", 2).at("end")

    def test_a_jump_returns_to_the_first_open_question(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 1).at("end")
        scenario.jump("role").answer("role", "clerk").at("union")

    def test_a_jump_from_the_review_returns_to_the_review(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 1).answer("end", "")
        scenario.jump("staff").answer("staff", 2).at(None).status("ready")

    def test_a_jump_to_a_matrix_goes_through_its_rows(self) -> None:
        scenario = Scenario(ROWS).answer("trust.bank", "1").answer("trust.shop", "1")
        scenario.answer("end", "x").jump("trust").answer("trust.bank", "2").at("trust.shop")
        scenario.answer("trust.shop", "2").at(None)

    def test_a_jump_to_one_row_of_a_matrix_returns_after_it(self) -> None:
        scenario = Scenario(ROWS).answer("trust.bank", "1").answer("trust.shop", "1")
        scenario.jump("trust.bank").answer("trust.bank", "2").at("end")
        scenario.answer("end", "x").jump("trust.bank").answer("trust.bank", "1").at(None)

    def test_a_jump_to_a_list_asks_for_its_text_before_it_returns(self) -> None:
        scenario = Scenario(LISTS).answer("names", ["a"]).answer("end", "x")
        scenario.jump("names").answer("names", ["other"]).at("names.other")
        scenario.answer("names.other", "").at(None)

    @pytest.mark.parametrize("key", ["staff", "end", "nowhere"])
    def test_nothing_that_was_not_answered_can_be_jumped_to(self, key: str) -> None:
        with pytest.raises(InvalidAnswer):
            Scenario(ROUTED).jump(key)

    def test_at_the_end_nothing_can_be_answered(self) -> None:
        with pytest.raises(InvalidAnswer):
            Scenario(LISTS).answer("names", "dk").answer("end", "x").interview.answer("x")

    def test_a_pause_keeps_answers_and_texts_and_comes_back_at_the_first_open_question(
        self,
    ) -> None:
        scenario = Scenario(LISTS).answer("names", ["a", "other"]).answer("names.other", "Ta")
        before = scenario.interview
        scenario.back().back().pause_and_resume().at("end")
        assert scenario.interview.given == before.given
        assert scenario.interview.texts == before.texts

    def test_another_language_keeps_place_and_answers(self) -> None:
        before = Scenario(ROUTED).answer("role", "boss").interview
        german = before.questionnaire.model_copy(update={"title": "Auf Deutsch"})
        spoken = {"en": before.questionnaire, "de": german}
        after = replace(before, spoken=spoken).speak("de")
        assert (after.at, after.given, after.language) == (before.at, before.given, "de")
        assert after.questionnaire is german
        assert after.speak("en").questionnaire is before.questionnaire

    def test_a_language_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InvalidAnswer, match="not available in"):
            Scenario(ROUTED).interview.speak("de")


class TestHandingIn:
    TEXT = """
        sections:
          - {id: one, items: [{id: role, options: [boss, clerk]}]}
          - id: two
            makes_partial: true
            items:
              - {id: staff, options: [x], asked_if: {item: role, any_of: [boss]}}
              - {id: end, options: [y, other+]}
    """

    def test_it_is_possible_once_the_heart_of_the_questionnaire_has_begun(self) -> None:
        scenario = Scenario(self.TEXT)
        assert not scenario.interview.can_hand_in
        assert not scenario.answer("role", "boss").interview.can_hand_in
        assert scenario.answer("staff", "x").interview.can_hand_in

    def test_what_was_routed_past_does_not_count_as_begun(self) -> None:
        assert not Scenario(self.TEXT).answer("role", "clerk").interview.can_hand_in

    def test_whole_and_ended_interviews_cannot_be_handed_in_unfinished(self) -> None:
        scenario = Scenario(self.TEXT).answer("role", "clerk").answer("end", "y")
        assert not scenario.interview.can_hand_in

    def test_only_the_text_of_the_last_option_may_be_open(self) -> None:
        scenario = Scenario(self.TEXT).answer("role", "clerk").answer("end", "other")
        assert scenario.interview.can_hand_in
        scenario.closed({"role": "clerk", "staff": "not_asked", "end": "other"})

    def test_behind_a_question_reopened_by_a_change_nothing_is_handed_in(self) -> None:
        scenario = Scenario("""
            items:
              - {id: role, options: [boss, clerk]}
              - {id: staff, options: [x], asked_if: {item: role, any_of: [boss]}}
              - {id: words, kind: open}
              - {id: end, options: [y]}
        """)
        scenario.answer("role", "clerk").answer("words", "Ta").jump("role").answer("role", "boss")
        scenario.closed(
            {"role": "boss", "staff": "not_reached", "words": "not_reached", "end": "not_reached"}
        )
        assert scenario.interview.closed_texts() == {}

    def test_the_answers_that_come_out_decide_the_route_of_what_does_not(self) -> None:
        scenario = Scenario("""
            items:
              - {id: best, kind: ranking, ranks: 2, options: [a, b, c]}
              - {id: why, options: [x], asked_if: {item: best, any_of: [a]}}
              - {id: trust, kind: matrix, rows: [bank, shop], options: ["1", "2"]}
              - {id: who, options: [x], asked_if: {item: trust, any_of: ["1"]}}
        """)
        scenario.answer("best.1", "b").closed(
            {"best": ("b",), "why": "not_asked", "trust": "not_reached", "who": "not_reached"}
        )
        scenario.answer("best.2", "c").answer("trust.bank", "2").closed(
            {
                "best": ("b", "c"),
                "why": "not_asked",
                "trust": {"bank": "2", "shop": "not_reached"},
                "who": "not_reached",
            }
        )

    def test_a_matrix_routed_past_decides_what_hangs_on_it(self) -> None:
        Scenario("""
            items:
              - {id: role, options: [boss, clerk]}
              - {id: first, options: [x]}
              - id: trust
                kind: matrix
                rows: [bank]
                options: ["1"]
                asked_if: {item: role, any_of: [boss]}
              - {id: why, options: [x], asked_if: {item: trust, any_of: ["1"]}}
        """).answer("role", "clerk").closed(
            {"role": "clerk", "first": "not_reached", "trust": "not_asked", "why": "not_asked"}
        )

    def test_a_question_opened_from_the_review_returns_to_the_review(self) -> None:
        scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", 7).answer("end", "Ta")
        scenario.jump("role").answer("role", "clerk").answer("union", "no").at(None)


def test_an_interview_without_questions_is_ready_at_once() -> None:
    interview = Interview.begin(questionnaire_of("items: []"))
    assert (interview.status, interview.at, interview.progress.fraction) == ("ready", None, 1.0)
