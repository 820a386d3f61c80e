"""An answer that is changed on the way: the person learns what it does to the other answers."""

from __future__ import annotations

import io
from contextlib import suppress

from microcred_cli.errors import Paused
from microcred_cli.interview import Interview, run
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.page_wording import view_of
from microcred_cli.terminal.plain_asker import PlainAsker
from microcred_cli.terminal.rich_asker import RichAsker
from tests.scenario import Scenario
from tests.terminal.playing import CTRL_C, ENTER, play

ROUTED = """
    phrases:
      - {id: whose, by: role, texts: {boss: your shop, clerk: the shop}}
    items:
      - {id: role, options: [boss, clerk]}
      - {id: staff, options: [few, many], asked_if: {item: role, any_of: [boss]}}
      - {id: pay, options: [good, bad], asked_if: {item: role, any_of: [boss]}}
      - {id: place, options: [old, new], text: "Is {whose} old?"}
      - {id: end, options: [x, y]}
"""
UNUSED = "2 answers no longer count, because an earlier answer was changed"
REWORDED = "An earlier answer was changed, so this question is worded differently now."
REFERS = "An earlier answer was changed, so this question may refer to something else now."


def changed() -> Interview:
    """An interview with every question answered, back at the first one."""
    scenario = Scenario(ROUTED).answer("role", "boss").answer("staff", "few").answer("pay", "bad")
    return scenario.answer("place", "new").answer("end", "x").jump("role").interview


def test_a_page_says_what_a_change_does() -> None:
    def lead() -> bool:
        with RichAsker() as asker, suppress(Paused):
            run(changed(), asker)
        return True

    played = play(lead, ["2", ENTER, ENTER, CTRL_C])
    after, review = played.looks[2].words, played.looks[3].words
    assert UNUSED in after
    assert REWORDED in after
    assert "» 2. new" in after
    assert UNUSED in review
    assert REWORDED not in review


def test_a_reworded_ranking_can_be_answered_as_before() -> None:
    text = ROUTED.replace(
        '{id: place, options: [old, new], text: "Is {whose} old?"}',
        '{id: place, kind: ranking, ranks: 2, options: [a, b, c], text: "Rank {whose}."}',
    )
    scenario = Scenario(text).answer("role", "boss").answer("staff", "few").answer("pay", "bad")
    scenario.answer("place", "c").answer("place", "a").answer("end", "x").jump("role")
    interview = scenario.answer("role", "clerk").interview

    kept = [interview]

    def lead() -> bool:
        with RichAsker() as asker, suppress(Paused):
            run(interview, asker, kept.append)
        return True

    played = play(lead, ["3", ENTER, "1", ENTER, CTRL_C])
    assert "Earlier answer: 1st c; 2nd a" in played.looks[0].words
    assert kept[-1].answers["place"] == ("c", "a")


def test_a_page_says_that_a_question_is_worded_differently_only_if_it_is() -> None:
    asked = """
        phrases:
          - {id: whose, by: role, texts: {boss: your shop, clerk: the shop}}
        sections:
          - {id: a, items: [{id: role, options: [boss, clerk]}]}
          - id: b
            lead_in: "Think of {whose}."
            items:
              - {id: size, options: [few, many]}
              - id: place
                options: [old, new]
                text: "Is {whose} old?"
                variants:
                  - {when: {item: role, any_of: [clerk]}, text: "Is your shop old?"}
              - id: pay
                options: [good, bad]
                variants:
                  - {when: {item: role, any_of: [clerk]}, text: "Is it good?"}
    """
    scenario = Scenario(asked).answer("role", "boss").answer("size", "few").answer("place", "new")
    interview = scenario.answer("pay", "bad").jump("role").answer("role", "clerk").interview
    told = []
    for key in ("size", "place", "pay"):
        step = interview.step
        assert step is not None
        assert step.key == key
        told.append(view_of(interview, step).before[0].partition(". ")[0] + ".")
        interview = interview.answer(interview.given[key])
    assert told == [REFERS, REFERS, REWORDED]


def test_plain_lines_say_what_a_change_does() -> None:
    out = io.StringIO()
    asker = PlainAsker(Surroundings(io.StringIO("2\n1\nsubmit\n"), out, {}))
    finished = run(changed(), asker)
    words = " ".join(out.getvalue().split())
    assert words.count(UNUSED) == 2
    assert words.count(REWORDED) == 1
    assert words.index(UNUSED) < words.index(REWORDED) < words.rindex(UNUSED)
    closed = finished.interview.closed_answers()
    assert closed == {
        "role": "clerk",
        "staff": "not_asked",
        "pay": "not_asked",
        "place": "old",
        "end": "x",
    }


def test_nothing_is_said_where_nothing_changes() -> None:
    out = io.StringIO()
    run(changed(), PlainAsker(Surroundings(io.StringIO("1\nsubmit\n"), out, {})))
    assert "no longer count" not in out.getvalue()
