"""Interviews in plain mode through a pipe: from the background to the receipt, with all actions."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING

import pytest

from microcred_cli.terminal.console import say
from tests.cli.program import ROUTES, Lines, receipt_name
from tests.fieldwork.test_background import ON_THE_PAGE, landing_page, plain, without
from tests.scenario import builtin

if TYPE_CHECKING:
    from tests.cli.program import Place, Ran

REWORDED = 11
"""The questions, rows counted, that are worded differently if no micro-credential is known."""

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd]")


def led(place: Place, *lines: str, until: str, route: str = "employer provides") -> Ran:
    """An interview that answers up to a step, and then types these lines."""
    typed = "\n".join([*Lines(route).until(until), *lines, ""])
    return place.run("respond", "--plain", typed=typed)


def at_review(place: Place, *lines: str, route: str = "employer provides") -> Ran:
    """An interview that answers up to the review, and then types these lines."""
    typed = "\n".join([*Lines(route).until(), *lines, ""])
    return place.run("respond", "--plain", typed=typed)


def test_the_draft_remembers_one_key_answers(place: Place) -> None:
    ran = place.run("respond", "--plain", "--one-key", typed="1\n:pause\n")
    assert "--one-key has no effect" in ran.err
    assert place.draft["one_key"] is True


class TestWhole:
    @pytest.mark.parametrize("route", ROUTES)
    def test_an_interview_on_each_route_ends_with_a_receipt_for_its_file(
        self, place: Place, route: str
    ) -> None:
        ran = place.run("respond", "--plain", typed=Lines(route).whole())
        assert ran.code == 0
        assert CONTROL.search(ran.all) is None
        response = place.response
        assert response["response_id"] == receipt_name(ran.receipt)
        assert response["status"] == "complete"
        assert response["duration_minutes"] == 10
        assert response["shuffle_seed"] is None
        role, involvement = ROUTES[route]
        assert (response["answers"]["org_role"], response["answers"]["involvement"]) == (
            role,
            involvement,
        )
        assert not place.drafts
        assert not list((place.state / "drafts").iterdir())
        assert not list((place.state / "definitions").iterdir())

    def test_without_a_terminal_lines_are_chosen_unasked(self, place: Place) -> None:
        ran = place.run("respond", typed=Lines().whole())
        assert ran.code == 0
        assert place.files

    def test_the_background_is_written_word_for_word(self, place: Place) -> None:
        out = plain(place.run("respond", "--plain").out.replace("\n- ", "\n"))
        page = landing_page()
        for sentence in ON_THE_PAGE.values():
            page = without(page, sentence)
            assert sentence[:40] not in out
        assert plain(page) in out

    def test_every_question_and_option_is_written_in_full(self, place: Place) -> None:
        out = place.run("respond", "--plain", typed=Lines().whole()).out
        for item in ("org_role", "mc_participation", "mc_hours", "mc_framework"):
            known = builtin().by_id[item]
            assert known.text in out
            for number, option in enumerate(builtin().options(known), 1):
                assert f"{number}. {option.label}\n" in out

    def test_a_process_of_its_own_does_the_same(self, place: Place) -> None:
        ran = place.spawn("respond", "--plain", typed=Lines().whole())
        assert ran.code == 0
        assert place.response["response_id"] == receipt_name(ran.receipt)
        assert CONTROL.search(ran.all) is None

    def test_no_answer_stands_in_an_environment_of_few_letters_either(self, place: Place) -> None:
        ran = place.spawn(
            "respond",
            "--plain",
            typed=Lines().whole(),
            environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        )
        assert ran.code == 0, ran.err
        assert place.files

    def test_a_closed_standard_input_pauses(self, place: Place) -> None:
        ran = place.spawn("respond", "--plain", before=["sh", "-c", 'exec "$@" <&-', "sh"])
        assert ran.code == 130
        assert "Traceback" not in ran.err

    def test_a_closed_standard_output_is_said(self, place: Place) -> None:
        ran = place.spawn("respond", "--plain", before=["sh", "-c", 'exec "$@" >&-', "sh"])
        assert ran.code == 4
        assert "Could not write to standard output: it is closed." in ran.err
        assert "Traceback" not in ran.err


class TestEnds:
    def test_no_consent_stores_nothing(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed="2\nleave\n")
        assert ran.code == 0
        assert builtin().closing["refused"] in ran.out
        assert "eceipt: " not in ran.all
        assert not place.files
        assert not place.drafts

    @pytest.mark.parametrize("typed", ["2\n", "2\nwhat?\nleave\n", "1\n3\n", "1\n3\n\nleave\n"])
    def test_leaving_at_the_goodbye_keeps_nothing(self, place: Place, typed: str) -> None:
        ran = place.run("respond", "--plain", typed=typed)
        assert ran.code == 0
        assert "microcred resume" not in ran.err
        assert not place.files
        assert not place.drafts

    def test_no_pause_is_offered_at_the_goodbye(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed="2\n:pause\n")
        assert "This does not end the interview. Type leave or back." in ran.out
        assert not place.drafts

    def test_help_at_the_goodbye_says_what_leaving_means_and_does_not_end_it(
        self, place: Place
    ) -> None:
        ran = place.run("respond", "--plain", typed="2\n:help\nleave\n")
        assert ran.code == 0
        _before, helped = ran.out.split("If you leave, the answers are deleted")
        assert "Type leave to end, or back" in helped

    def test_how_to_clear_the_screen_is_not_said_to_a_pipe(self, place: Place) -> None:
        assert "clear it" not in place.run("respond", "--plain", typed=Lines().whole()).all

    def test_neither_stores_nothing(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed="1\n3\nleave\n")
        assert ran.code == 0
        assert builtin().closing["screened_out"] in ran.out
        assert not place.files
        assert not place.drafts

    def test_the_last_answer_can_be_changed_before_leaving(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed="2\nback\n1\n")
        assert ran.code == 130
        assert place.draft["given"] == {"consent": "yes"}

    def test_the_end_of_the_input_pauses_with_what_was_said(self, place: Place) -> None:
        ran = led(place, until="term_familiarity")
        assert ran.code == 130
        assert place.draft["at"] == "term_familiarity"
        assert place.draft["given"]["respondent_function"] == "owner_director"
        assert "Your answers are kept" in ran.err

    def test_the_end_of_the_input_at_the_review_hands_nothing_in(self, place: Place) -> None:
        ran = at_review(place)
        assert ran.code == 130
        assert not place.files
        assert place.drafts

    def test_before_the_first_answer_nothing_is_kept(self, place: Place) -> None:
        ran = place.run("respond", "--plain")
        assert ran.code == 130
        assert "nothing was stored" in ran.err
        assert not place.drafts

    @pytest.mark.parametrize("command", [":pause", ":PAUSE", " :pause "])
    def test_pause_keeps_the_draft_and_exits_well(self, place: Place, command: str) -> None:
        ran = led(place, command, until="country")
        assert ran.code == 0
        assert place.draft["given"] == {"consent": "yes", "org_role": "employer"}
        assert ran.resume_code

    def test_pause_at_the_review(self, place: Place) -> None:
        assert at_review(place, ":pause").code == 0
        assert place.draft["at"] is None


class TestWrongLines:
    @pytest.mark.parametrize(
        ("step", "line"),
        [
            ("org_role", "4"),
            ("org_role", "0"),
            ("org_role", "-1"),
            ("org_role", "employer"),
            ("org_role", "1 2"),
            ("org_role", "²"),
            ("org_role", ""),
            ("org_role", "   "),
            ("org_role", ":nonsense"),
            ("org_role", ":pna"),
            ("org_role", ":skip"),
            ("org_role", ":handin"),
            ("consent", ":back"),
            ("country", "Atlantis"),
            ("country", "i"),
            ("country", ":dk"),
            ("country", "1" * 5000),
            ("country", "١"),
            ("involvement", "1 " + "1" * 5000),
            ("mc_provided", "1" * 5000),
            ("term_familiarity", ":goto " + "1" * 5000),
            ("mc_example", b"\xff\xfe"),
            ("involvement", "1, 11"),
            ("involvement", "1, 10"),
            ("involvement", "9 10"),
            ("mc_provided", "many"),
            ("mc_provided", "7.5"),
            ("mc_provided", "10001"),
            ("advantages", "1 2 3 4"),
            ("mc_example", "x" * 201),
            ("term_familiarity", ":goto 99"),
        ],
        ids=lambda value: repr(value)[:20],
    )
    def test_a_wrong_line_stops_and_shifts_nothing(
        self, place: Place, step: str, line: str | bytes
    ) -> None:
        typed = line if isinstance(line, bytes) else line.encode()
        lines = [each.encode() for each in Lines().until(step)]
        ran = place.run("respond", "--plain", typed=b"\n".join([*lines, typed, b"1", b"1", b""]))
        assert ran.code == 130
        if step == "consent":
            assert not place.drafts
        else:
            assert place.draft["at"] == step
            assert step not in place.draft["given"]
        assert "Traceback" not in ran.all

    @pytest.mark.parametrize(
        "line", ["", "yes", "0", "99", "9" * 5000, ":nonsense", ":dk"], ids=lambda line: line[:20]
    )
    def test_a_wrong_line_at_the_review_hands_nothing_in(self, place: Place, line: str) -> None:
        ran = at_review(place, line, "submit", "noted")
        assert ran.code == 130
        assert not place.files

    def test_bytes_that_are_no_text_stop_it(self, place: Place) -> None:
        ran = place.run("respond", "--plain", typed=b"1\n1\n\xff\xfe\n1\n")
        assert ran.code == 130
        assert "Traceback" not in ran.all

    def test_bytes_that_are_no_text_do_not_end_an_interview(self, place: Place) -> None:
        lines = [each.encode() for each in Lines().until("mc_example")]
        typed = b"\n".join([*lines, b"caf\xff\xfe and more", b""])
        place.run("respond", "--plain", typed=typed)
        assert place.draft["texts"]["mc_example"] == "caf and more"

    def test_a_word_that_fits_several_names_them(self, place: Place) -> None:
        ran = led(place, "north", until="country")
        assert "North Macedonia" not in ran.err
        assert place.draft["given"]["country"] == "MK"


class TestAnswers:
    @pytest.mark.parametrize("line", ["1, 3 4", "1,3,4", "4;3;1", "1 3 4 3", " 1 ,  3, 4 "])
    def test_several_numbers_stand_in_one_line(self, place: Place, line: str) -> None:
        led(place, line, until="involvement")
        assert place.draft["given"]["involvement"] == ["awards", "designs", "assesses"]

    @pytest.mark.parametrize(
        ("line", "number"),
        [("12", 12), ("1,200", 1200), ("1.200", 1200), ("1 200", 1200), (" 7 ", 7), ("007", 7)],
    )
    def test_numbers_may_be_grouped(self, place: Place, line: str, number: int) -> None:
        led(place, line, "1", until="mc_provided")
        assert place.draft["given"]["mc_provided"] == number

    def test_a_large_number_from_a_pipe_takes_no_line_to_confirm_it(self, place: Place) -> None:
        ran = led(place, "9000", ":skip", until="mc_provided")
        assert "is a lot" not in ran.out
        assert place.draft["given"]["mc_provided"] == 9000
        assert place.draft["given"]["mc_example"] == "blank"

    @pytest.mark.parametrize("line", ["Finland", "finl", "FI", "fi", "FINLAND"])
    def test_a_name_a_part_or_a_code_finds_a_country(self, place: Place, line: str) -> None:
        led(place, line, until="country")
        assert place.draft["given"]["country"] == "FI"

    def test_accents_are_not_needed(self, place: Place) -> None:
        led(place, "turkiye", until="country")
        assert place.draft["given"]["country"] == "TR"

    @pytest.mark.parametrize("line", [":dk", "d", "D", ":DK"])
    def test_dont_know_by_command_or_letter(self, place: Place, line: str) -> None:
        led(place, line, until="mc_participation")
        assert place.draft["given"]["mc_participation"] == "dk"

    @pytest.mark.parametrize("line", [":pna", ":refuse"])
    @pytest.mark.parametrize(
        "step", ["usefulness_overall", "mc_provided", "advantages", "mc_field"]
    )
    def test_prefer_not_to_answer_works_on_every_soft_item(
        self, place: Place, step: str, line: str
    ) -> None:
        led(place, line, until=step)
        assert place.draft["given"][step] == "pna"

    def test_prefer_not_to_answer_works_on_a_row(self, place: Place) -> None:
        led(place, ":pna", until="purpose_usefulness.recruit")
        rows = {k: v for k, v in place.draft["given"].items() if k.startswith("purpose_")}
        assert "pna" in rows.values()

    def test_dont_know_stands_alone(self, place: Place) -> None:
        ran = led(place, "1 d", until="mc_earners")
        assert "cannot be combined" in ran.out
        assert place.draft["at"] == "mc_earners"

    def test_an_exclusive_option_says_that_it_stands_alone(self, place: Place) -> None:
        ran = led(place, "1, 10", until="involvement")
        assert "“In no way, your organisation knows of none” cannot be combined" in ran.out

    def test_too_many_says_how_many_are_possible(self, place: Place) -> None:
        assert "at most 3" in led(place, "1 2 3 4", until="advantages").out

    def test_a_text_that_begins_with_a_colon_has_two(self, place: Place) -> None:
        led(place, "::back to school", until="mc_example")
        assert place.draft["texts"]["mc_example"] == ":back to school"

    @pytest.mark.parametrize("line", ["", ":skip"])
    def test_an_empty_line_leaves_an_optional_text_empty(self, place: Place, line: str) -> None:
        led(place, line, until="mc_example")
        assert place.draft["given"]["mc_example"] == "blank"

    def test_the_text_of_an_option_is_asked_right_after_it(self, place: Place) -> None:
        ran = led(place, "5", "Head of cooking", until="respondent_function")
        assert "What is it?" in ran.out
        assert place.draft["texts"]["respondent_function.other"] == "Head of cooking"

    def test_a_text_loses_what_could_act_on_a_terminal(self, place: Place) -> None:
        ran = led(place, "a\x1b[31mb\u202ec", until="mc_example")
        assert place.draft["texts"]["mc_example"] == "abc"
        assert CONTROL.search(ran.all) is None

    def test_what_points_at_a_person_is_named_and_replaced(self, place: Place) -> None:
        ran = led(place, "Ask jane.roe@example.org", "1", until="mc_example")
        # Standard output is a file here, which must not contain the answers.
        assert "jane.roe" not in ran.out
        assert "seems to identify someone: e-mail" in ran.out
        assert place.draft["texts"]["mc_example"] == "Ask [removed: e-mail]"
        assert "mc_awarder" in place.draft["given"]

    def test_the_receipt_waits_until_it_is_noted(self, place: Place) -> None:
        ran = at_review(place, "submit", "what?", "noted")
        assert ran.out.count("Type noted when") == 2
        assert "To withdraw them, run microcred withdraw" in ran.err

    def test_a_receipt_that_is_not_wanted_is_not_asked_for_later(self, place: Place) -> None:
        ran = at_review(place, "submit", "not wanted")
        assert "Without the receipt, they cannot be withdrawn." in ran.err
        assert "microcred withdraw" not in ran.err

    def test_ctrl_c_at_the_last_line_changes_nothing(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(text: str) -> None:
            say(text)
            signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr("microcred_cli.session.session.say", interrupted)
        ran = at_review(place, "submit", "noted")
        assert ran.code == 0
        assert ran.err.count("have been handed in") == 1
        assert not place.drafts


class TestCommands:
    def test_back_asks_the_question_before_again(self, place: Place) -> None:
        ran = led(place, ":back", "2", until="country")
        assert place.draft["given"]["org_role"] == "representative"
        assert "Your answer so far: An employer" in ran.out

    def test_an_empty_line_keeps_an_earlier_answer(self, place: Place) -> None:
        led(place, ":back", "", "FI", until="country")
        assert place.draft["given"]["org_role"] == "employer"
        assert place.draft["given"]["country"] == "FI"

    def test_help_definition_and_background(self, place: Place) -> None:
        ran = led(place, ":help", ":definition", ":background", ":?", until="country")
        known = builtin()
        assert ran.out.count(known.by_id["country"].help or "?") == 2
        assert known.definition is not None
        assert known.definition.text in ran.out
        assert ran.out.count("Background information about the survey") == 2

    def test_help_is_the_same_as_with_prompts(self, place: Place) -> None:
        known = builtin().by_id["country"]
        ran = led(place, ":help", "FI", until="country")
        (told,) = [o.help for o in builtin().options(known) if o.help]
        assert told in ran.out
        assert "How to answer: Type a number from 1 to" in ran.out
        assert "or their first letters. Then press Enter." in ran.out
        assert ":pause — Pause and go on later" in ran.out
        assert place.draft["given"]["country"] == "FI"

    @pytest.mark.parametrize("step", ["consent", "size_class", "mc_provided", "mc_example", None])
    def test_help_stops_no_interview(self, place: Place, step: str | None) -> None:
        typed = "\n".join([*Lines().until(step), ":help", ":?", ":pause", ""])
        ran = place.run("respond", "--plain", typed=typed)
        assert ran.code == 0
        assert "not possible" not in ran.out

    def test_help_stops_no_question_inside_a_question(self, place: Place) -> None:
        ran = led(place, ":handin", ":help", "1", "noted", until="usefulness_overall")
        assert ran.code == 0
        assert place.response["status"] == "partial"

    def test_the_questionnaire_says_how_its_definition_is_called(self, place: Place) -> None:
        definition = builtin().definition
        assert definition is not None
        ran = led(place, ":menu", until="country")
        assert f":definition — {definition.title}\n" in ran.out

    def test_the_menu_lists_what_is_possible_here_and_nothing_else(self, place: Place) -> None:
        menu = led(place, ":menu", until="org_role").out.rpartition("What you can do here:")[2]
        assert set(re.findall(r"^:(\w+) — ", menu, re.M)) == {
            "back",
            "goto",
            "language",
            "discard",
            "help",
            "definition",
            "background",
            "pause",
            "again",
        }

    def test_everything_in_the_menu_can_be_done(self, place: Place) -> None:
        menu = led(place, ":menu", until="mc_awarder").out.rpartition("What you can do here:")[2]
        listed = set(re.findall(r"^:(\w+) — ", menu, re.M))
        assert {"dk", "pna", "handin"} <= listed
        for path in place.drafts:
            path.unlink()
        for command in listed:
            ran = led(place, f":{command}", until="mc_awarder")
            assert "is not available here" not in ran.out
            for path in place.drafts:
                path.unlink()

    def test_again_shows_the_question_again(self, place: Place) -> None:
        ran = led(place, ":again", until="size_class")
        assert ran.out.count(builtin().by_id["size_class"].text) == 2

    def test_goto_by_number_comes_back_to_where_it_was(self, place: Place) -> None:
        led(place, ":goto 3", "FI", "2", until="size_class")
        assert place.draft["given"]["country"] == "FI"
        assert place.draft["given"]["size_class"] == "p10_49"

    def test_goto_without_a_number_offers_the_answers(self, place: Place) -> None:
        ran = led(place, ":goto", "3", "FI", until="size_class")
        assert "3. In which country" in ran.out
        assert place.draft["given"]["country"] == "FI"

    def test_hand_in_makes_a_partial_response(self, place: Place) -> None:
        ran = led(place, ":handin", "1", "noted", until="usefulness_overall")
        assert ran.code == 0
        assert builtin().closing["partial"] in ran.out
        assert place.response["status"] == "partial"
        assert place.response["answers"]["obstacles"] == "not_reached"
        assert place.response["response_id"] == receipt_name(ran.receipt)
        assert not place.drafts

    def test_hand_in_asks_first(self, place: Place) -> None:
        led(place, ":handin", "2", "3", until="usefulness_overall")
        assert not place.files
        assert place.draft["given"]["usefulness_overall"] == "3"

    def test_back_from_the_review_goes_to_the_last_question(self, place: Place) -> None:
        at_review(place, ":back", "Other words", ":pause")
        assert place.draft["texts"]["comments"] == "Other words"


class TestReview:
    def test_it_shows_every_answer_and_what_is_kept_of_it(self, place: Place) -> None:
        out = at_review(place).out.rpartition("All questions are answered.")[2]
        assert "— Albania (stored as: Southern Europe)" in out
        assert "(stored as: Up to 49)" in out
        assert "— “Words on comments”" in out
        for section in builtin().sections:
            assert f"\n{section.label}\n" in out

    def test_an_answer_can_be_changed_from_it(self, place: Place) -> None:
        ran = at_review(place, "3", "FI", "submit", "noted")
        assert ran.code == 0
        assert place.response["answers"]["country"] == "north"

    def test_another_involvement_closes_what_is_no_longer_asked(self, place: Place) -> None:
        review = at_review(place, ":pause").out
        number = re.findall(r"^(\d+)\. In which ways, if any, is your own", review, re.M)
        for path in place.drafts:
            path.unlink()
        # An empty line keeps the earlier answer to a question that is worded differently now.
        ran = at_review(place, number[-1], "10", "1", *[""] * REWORDED, "1", "submit", "noted")
        assert ran.code == 0
        answers = place.response["answers"]
        assert answers["involvement"] == ["not_aware"]
        for item in ("mc_provided", "mc_example", "mc_field", "employer_use"):
            assert answers[item] == "not_asked"
        assert answers["obstacles"] != "not_asked"
        assert "mc_example" not in place.typed

    def test_another_involvement_opens_what_is_asked_now(self, place: Place) -> None:
        route = "employer unaware"
        review = at_review(place, ":pause", route=route).out
        number = re.findall(r"^(\d+)\. In which ways, if any, is your own", review, re.M)
        for path in place.drafts:
            path.unlink()
        opened = Lines("employer knows").until("usefulness_overall")
        opened = opened[opened.index("6, 7") + 1 :]
        typed = (
            number[-1],
            "6, 7",
            *opened,
            *[""] * (REWORDED - 2),
            "1",
            "",
            "",
            "submit",
            "noted",
        )
        ran = at_review(place, *typed, route=route)
        assert ran.code == 0, ran.out[-500:]
        answers = place.response["answers"]
        assert answers["mc_participation"] == "online"
        assert answers["mc_provided"] == "not_asked"
        assert answers["employer_use"] != "not_asked"
        assert answers["future_use"] == "1"


def test_forced_prompts_without_a_terminal_end_in_a_sentence(place: Place) -> None:
    for command in (["respond", "--rich"], ["resume", "--rich"]):
        ran = place.run(*command, typed="1\n")
        assert ran.code == 2
        assert "terminal" in ran.err
        assert "--rich" in ran.err
    assert not place.responses.exists()


def test_the_draft_stands_before_the_next_question_is_asked(place: Place) -> None:
    """Whenever the program waits for a line, everything typed before is on the disk."""
    led(place, until="country")
    given = place.draft["given"]
    assert given == {"consent": "yes", "org_role": "employer"}
    assert json.loads(place.drafts[0].read_text(encoding="utf-8"))["format"] == "microcred-draft/1"
