"""`respond --answers`: every rule of the file of answers, with messages and stored responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.interview.script import walk_answers
from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Open, Ranking, Single
from tests.cli.program import ROUTES, Place, cut, receipt_name, sheet
from tests.scenario import builtin

if TYPE_CHECKING:
    from tests.cli.program import Ran

ITEMS = {item.id: item for item in builtin().items}
SECRET = "Zanzibar Plumbing"


def on_route(item: str) -> str:
    """A route on which an item is asked."""
    return next(
        route
        for route in ROUTES
        if item in sheet(route)["answers"] or item in sheet(route)["texts"]
    )


def refused(place: Place, paper: object, *words: str) -> Ran:
    """The file is refused with exit code 2 and a message with these words; nothing is stored."""
    ran = place.answer(paper)
    assert ran.code == 2, ran
    assert ran.out == ""
    assert not place.responses.exists()
    assert not place.drafts
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err
    return ran


def stored(place: Place, paper: object) -> dict[str, Any]:
    """The file is accepted; returns the answers of its response."""
    ran = place.answer(paper)
    assert ran.code == 0, ran
    answers: dict[str, Any] = place.response["answers"]
    return answers


class TestAccepted:
    @pytest.mark.parametrize("route", ROUTES)
    def test_complete_files_on_all_routes_are_stored(self, place: Place, route: str) -> None:
        paper = sheet(route)
        answers = stored(place, paper)
        assert place.response["status"] == "complete"
        assert list(answers) == list(ITEMS)
        for item in ITEMS:
            if item in paper["answers"] and not getattr(ITEMS[item], "stored_as", None):
                assert answers[item] == paper["answers"][item]
            elif item not in paper["answers"] and item not in paper["texts"]:
                assert answers[item] == "not_asked"
        assert place.typed == paper["texts"]

    def test_the_path_stands_alone_on_standard_output_and_the_receipt_leads_to_it(
        self, place: Place
    ) -> None:
        ran = place.answer(sheet())
        (path,) = place.files
        assert ran.out == f"{path}\n"
        assert ran.receipt not in ran.out.replace("-", "")
        assert path.stem == place.response["response_id"] == receipt_name(ran.receipt)
        for text in place.texts:
            read = json.loads(text.read_text(encoding="utf-8"))
            assert text.stem == read["text_id"] == receipt_name(ran.receipt, read["item"])

    def test_a_path_as_it_was_named_can_be_opened_from_elsewhere(self, place: Place) -> None:
        ran = place.answer(sheet(), "--responses", "relative")
        assert Path(ran.out.strip()).is_absolute()
        assert Path(ran.out.strip()).is_file()

    def test_standard_input_is_a_hyphen(self, place: Place) -> None:
        ran = place.run("respond", "--answers", "-", typed=json.dumps(sheet()))
        assert ran.code == 0
        assert place.files

    def test_a_multiple_in_any_order_is_stored_in_the_order_of_the_definition(
        self, place: Place
    ) -> None:
        answers = stored(place, sheet(involvement=["informs", "awards", "uses"]))
        assert answers["involvement"] == ["awards", "uses", "informs"]

    def test_a_ranking_keeps_its_order(self, place: Place) -> None:
        answers = stored(place, sheet(trust_conditions=["clear_outcomes", "assessed"]))
        assert answers["trust_conditions"] == ["clear_outcomes", "assessed"]

    @pytest.mark.parametrize(
        ("item", "code"),
        [
            (item.id, code)
            for item in builtin().items
            if not isinstance(item, Matrix | Open)
            for code in (*item.missing, *(["pna"] if item.required == "soft" else []))
        ],
    )
    def test_dk_where_offered_and_pna_on_every_soft_item_stand_alone(
        self, place: Place, item: str, code: str
    ) -> None:
        route = on_route(item)
        paper = sheet(route, **{item: code})
        if item == "involvement":
            paper = sheet("representative unknown", involvement=code)
        if item == "mc_framework":
            del paper["answers"]["mc_eqf"]
        paper["texts"].pop(f"{item}.other", None)
        assert stored(place, paper)[item] == code

    @pytest.mark.parametrize("code", ["dk", "pna"])
    @pytest.mark.parametrize("item", [i.id for i in builtin().items if isinstance(i, Matrix)])
    def test_every_row_of_a_matrix_takes_dk_and_pna(
        self, place: Place, item: str, code: str
    ) -> None:
        rows = dict.fromkeys(sheet()["answers"][item], code)
        assert stored(place, sheet(**{item: rows}))[item] == rows

    def test_rows_in_any_order_are_stored_in_the_order_of_the_definition(
        self, place: Place
    ) -> None:
        rows = sheet()["answers"]["purpose_usefulness"]
        answers = stored(place, sheet(purpose_usefulness=dict(reversed(rows.items()))))
        assert list(answers["purpose_usefulness"]) == list(rows)

    def test_detached_may_stand_beside_the_text_of_an_open_item(self, place: Place) -> None:
        answers = stored(place, sheet(comments="detached"))
        assert answers["comments"] == "detached"
        assert place.typed["comments"] == "Words on comments"

    @pytest.mark.parametrize("comments", ["blank", "detached"])
    def test_an_open_item_without_text_is_detached_like_any_other(
        self, place: Place, comments: str
    ) -> None:
        paper = sheet(comments=comments)
        del paper["texts"]["comments"], paper["texts"]["mc_example"]
        answers = stored(place, paper)
        assert (answers["comments"], answers["mc_example"]) == ("detached", "detached")
        assert not {"comments", "mc_example"} & place.typed.keys()

    def test_the_text_of_an_option_may_stay_away(self, place: Place) -> None:
        paper = sheet()
        del paper["texts"]["terms_used.other"]
        assert stored(place, paper)["terms_used"] == ["other"]
        assert "terms_used.other" not in place.typed

    def test_a_file_without_texts_needs_no_texts(self, place: Place) -> None:
        assert stored(place, {"answers": sheet()["answers"]})["comments"] == "detached"

    def test_not_asked_may_be_written_off_the_route(self, place: Place) -> None:
        answers = stored(
            place, sheet("employer knows", mc_provided="not_asked", rep_activities="not_asked")
        )
        assert (answers["mc_provided"], answers["rep_activities"]) == ("not_asked", "not_asked")

    def test_a_number_over_the_limit_to_confirm_is_taken(self, place: Place) -> None:
        assert stored(place, sheet(mc_provided=10000))["mc_provided"] == "n21_plus"

    def test_every_item_not_asked_included_can_be_written_out(self, place: Place) -> None:
        first = stored(place, sheet())
        again = {
            item: first[item] if first[item] in ("not_asked", "detached") else answer
            for item, answer in {**dict.fromkeys(ITEMS, "not_asked"), **sheet()["answers"]}.items()
        }
        again |= {"comments": "detached", "mc_example": "detached"}
        for path in place.files + place.texts:
            path.unlink()
        assert stored(place, {**sheet(), "answers": again}) == first


class TestRefused:
    @pytest.mark.parametrize(
        ("item", "value", "words"),
        [
            ("country", "ZZ", ["ZZ", "codes"]),
            ("country", ["FI"], ["FI"]),
            ("country", None, ["None"]),
            ("country", 7, ["7"]),
            ("country", True, ["True"]),
            ("country", {"FI": "yes"}, ["FI"]),
            ("country", "dk", ["dk"]),
            ("country", "blank", ["blank"]),
            ("country", "detached", ["detached"]),
            ("country", "north", ["north"]),
            ("usefulness_overall", 3, ["3"]),
            ("consent", "pna", ["pna"]),
            ("org_role", "pna", ["pna"]),
            ("term_familiarity", "dk", ["dk"]),
            ("terms_used", "open_badge", ["open_badge", "list"]),
            ("terms_used", [], ["Nothing"]),
            ("terms_used", ["open_badge", "open_badge"], ["twice"]),
            ("terms_used", ["open_badge", "none"], ["None of these", "Choose this answer alone"]),
            ("terms_used", ["open_badge", "dk"], ["dk"]),
            ("terms_used", ["sealing_wax"], ["sealing_wax"]),
            ("terms_used", [["open_badge"]], ["open_badge"]),
            ("advantages", ["short", "flexible", "visible", "tailored"], ["at most 3"]),
            ("mc_provided", 7.0, ["7.0", "whole number"]),
            ("mc_provided", True, ["True", "whole number"]),
            ("mc_provided", "7", ["7", "whole number"]),
            ("mc_provided", -1, ["-1", "0 to 10,000"]),
            ("mc_provided", 10001, ["10001", "0 to 10,000"]),
            ("mc_provided", None, ["None"]),
            ("trust_by_issuer", "pna", ["pna", "every row"]),
            ("trust_by_issuer", {}, ["higher_education", "missing"]),
            ("trust_by_issuer", ["1"], ["every row"]),
            ("trust_conditions", [], ["Nothing"]),
            ("trust_conditions", ["assessed", "assessed"], ["twice"]),
            (
                "trust_conditions",
                ["assessed", "framework_link", "external_check", "provider_name"],
                ["at most 3"],
            ),
            ("trust_conditions", "assessed", ["assessed", "rank order"]),
            ("trust_conditions", ["assessed", "pna"], ["pna"]),
            ("trust_conditions", ["assessed", "blank"], ["blank"]),
            ("trust_conditions", None, ["None"]),
            ("comments", None, ["text"]),
            ("comments", "dk", ["text"]),
            ("comments", 5, ["text"]),
            ("mc_hours", "not_asked", ["not_asked", "asked"]),
        ],
    )
    def test_a_value_that_its_item_cannot_take(
        self, place: Place, item: str, value: object, words: list[str]
    ) -> None:
        paper = sheet(**{item: value})
        if item == "comments":
            del paper["texts"]["comments"]
        refused(place, paper, item, *words)

    def test_a_matrix_lacks_a_row(self, place: Place) -> None:
        rows = sheet()["answers"]["purpose_usefulness"]
        del rows["upskill"]
        refused(place, sheet(purpose_usefulness=rows), "purpose_usefulness", "upskill", "every row")

    def test_a_matrix_has_an_unknown_row(self, place: Place) -> None:
        rows = {**sheet()["answers"]["purpose_usefulness"], "weather": "1"}
        refused(place, sheet(purpose_usefulness=rows), "purpose_usefulness", "weather")

    def test_a_row_has_an_unknown_code(self, place: Place) -> None:
        rows = {**sheet()["answers"]["purpose_usefulness"], "upskill": "6"}
        refused(place, sheet(purpose_usefulness=rows), "purpose_usefulness", "upskill", "“6”")

    @pytest.mark.parametrize(
        "item", [i.id for i in builtin().items if i.required != "optional" and i.id != "consent"]
    )
    def test_an_item_that_the_route_reaches_is_missing(self, place: Place, item: str) -> None:
        paper = sheet(on_route(item))
        del paper["answers"][item]
        refused(place, paper, f"{item}: ", "missing")

    def test_an_item_does_not_exist(self, place: Place) -> None:
        refused(place, sheet(hat_size="7"), "hat_size", "not the id of an item")

    @pytest.mark.parametrize(
        ("route", "item"),
        [
            ("employer provides", "rep_activities"),
            ("employer knows", "mc_provided"),
            ("employer unaware", "mc_field"),
            ("representative knows", "sector_main"),
        ],
    )
    @pytest.mark.parametrize("value", ["its own", "dk"])
    def test_an_answer_is_off_the_route(
        self, place: Place, route: str, item: str, value: str
    ) -> None:
        answer = sheet(on_route(item))["answers"][item] if value == "its own" else value
        ran = refused(place, sheet(route, **{item: answer}), item, "route")
        if isinstance(answer, str):
            assert answer in ran.err

    def test_blank_stands_on_an_item_that_is_not_optional(self, place: Place) -> None:
        refused(place, sheet(future_use="blank"), "future_use", "blank")

    @pytest.mark.parametrize("text", ["", "   ", "\u200b\u202e", None, 7, ["a"], {}])
    def test_a_text_is_empty_or_none(self, place: Place, text: object) -> None:
        for key in ("comments", "terms_used.other"):
            paper = sheet()
            paper["texts"][key] = text
            refused(place, paper, key.partition(".")[0], "text")

    @pytest.mark.parametrize(
        "key",
        ["terms_used.none", "advantages.other", "country", "country.FI", "terms_used.other.x"],
    )
    def test_a_text_has_no_option_or_item(self, place: Place, key: str) -> None:
        paper = sheet()
        paper["texts"][key] = SECRET
        assert SECRET not in refused(place, paper, key).err

    def test_a_text_belongs_to_an_item_that_does_not_exist(self, place: Place) -> None:
        paper = sheet()
        paper["texts"]["hat_size"] = SECRET
        assert SECRET not in refused(place, paper, "hat_size").err

    def test_a_text_is_off_the_route(self, place: Place) -> None:
        paper = sheet("employer unaware")
        paper["texts"]["mc_example"] = SECRET
        assert SECRET not in refused(place, paper, "mc_example").err

    def test_a_text_among_the_answers_is_off_the_route(self, place: Place) -> None:
        ran = refused(place, sheet("employer unaware", mc_example=SECRET), "mc_example", "route")
        assert SECRET not in ran.err

    def test_blank_stands_beside_a_text(self, place: Place) -> None:
        refused(place, sheet(comments="blank"), "comments", "text")

    def test_a_text_stands_among_the_answers(self, place: Place) -> None:
        paper = sheet(comments=SECRET)
        del paper["texts"]["comments"]
        assert SECRET not in refused(place, paper, "comments").err

    @pytest.mark.parametrize(("key", "length"), [("comments", 2000), ("terms_used.other", 100)])
    def test_a_text_is_too_long(self, place: Place, key: str, length: int) -> None:
        paper = sheet()
        paper["texts"][key] = "x" * (length + 1)
        ran = refused(place, paper, key.partition(".")[0], str(length))
        assert "xxxx" not in ran.err
        paper["texts"][key] = "x" * length
        assert place.answer(paper).code == 0

    def test_the_first_answer_refused_is_the_one_that_is_named(self, place: Place) -> None:
        ran = refused(place, sheet(country="ZZ", future_use="9"), "country")
        assert "future_use" not in ran.err


class TestTail:
    @pytest.mark.parametrize(
        "item", ["mc_participation", "usefulness_overall", "obstacles", "comments"]
    )
    @pytest.mark.parametrize("route", ["employer provides", "representative knows"])
    def test_what_is_not_reached_makes_a_partial(self, place: Place, route: str, item: str) -> None:
        answers = stored(place, cut(sheet(route), item))
        assert place.response["status"] == "partial"
        whole = sheet(route)["answers"]
        reached = list(ITEMS)[: list(ITEMS).index(item)]
        for each in ITEMS:
            if each in reached:
                assert answers[each] not in ("not_reached",)
            elif each in whole or each == "comments":
                assert answers[each] == "not_reached"
            else:
                assert answers[each] == "not_asked"
        assert set(place.typed) <= {"terms_used.other", "mc_example"}

    @pytest.mark.parametrize("item", ["purpose_usefulness", "trust_by_issuer"])
    def test_rows_that_are_not_reached_make_a_partial(self, place: Place, item: str) -> None:
        rows = list(sheet()["answers"][item])
        answers = stored(place, cut(sheet(), item, row=rows[3]))
        assert place.response["status"] == "partial"
        assert list(answers[item].values()) == ["1"] * 3 + ["not_reached"] * (len(rows) - 3)

    def test_what_is_behind_the_break_may_be_left_out(self, place: Place) -> None:
        paper = cut(sheet(), "obstacles")
        for item in ("future_use", "comments"):
            del paper["answers"][item]
        assert stored(place, paper)["future_use"] == "not_reached"

    @pytest.mark.parametrize("behind", ["future_use", "comments"])
    def test_an_answer_behind_the_break_is_refused(self, place: Place, behind: str) -> None:
        paper = cut(sheet(), "obstacles")
        if behind == "comments":
            del paper["answers"]["comments"]
            paper["texts"]["comments"] = SECRET
        else:
            paper["answers"][behind] = "3"
        assert SECRET not in refused(place, paper, behind).err

    def test_a_row_behind_the_break_is_refused(self, place: Place) -> None:
        rows = sheet()["answers"]["purpose_usefulness"]
        paper = cut(sheet(), "purpose_usefulness", row=list(rows)[2])
        paper["answers"]["purpose_usefulness"][list(rows)[-1]] = "1"
        refused(place, paper, "purpose_usefulness")

    def test_an_item_behind_a_broken_row_is_refused(self, place: Place) -> None:
        paper = cut(sheet(), "trust_by_issuer", row="employer")
        paper["answers"]["future_use"] = "1"
        refused(place, paper, "future_use")

    @pytest.mark.parametrize("item", ["country", "terms_used", "involvement", "mc_example"])
    def test_a_tail_that_begins_too_early_is_refused(self, place: Place, item: str) -> None:
        refused(place, cut(sheet(), item), item)

    def test_the_first_answer_of_section_c_is_enough(self, place: Place) -> None:
        answers = stored(place, cut(sheet(), "mc_awarder"))
        assert answers["mc_example"] == "detached"
        assert answers["mc_awarder"] == "not_reached"

    def test_not_asked_that_nothing_decides_is_refused(self, place: Place) -> None:
        paper = cut(sheet(), "obstacles")
        paper["answers"]["future_use"] = "not_asked"
        refused(place, paper, "future_use")


class TestEnds:
    @pytest.mark.parametrize(
        "answers", [{"consent": "no"}, {"consent": "yes", "org_role": "neither"}]
    )
    def test_refusal_and_screen_out_store_nothing(
        self, place: Place, answers: dict[str, str]
    ) -> None:
        ran = place.answer({"answers": answers})
        assert ran.code == 0
        assert ran.out == ""
        assert "eceipt" not in ran.err
        assert not place.responses.exists()

    @pytest.mark.parametrize(
        "answers", [{"consent": "no"}, {"consent": "yes", "org_role": "neither"}]
    )
    @pytest.mark.parametrize("more", [{"country": "FI"}, {"comments": "detached"}])
    def test_more_behind_them_is_refused(
        self, place: Place, answers: dict[str, str], more: dict[str, str]
    ) -> None:
        refused(place, {"answers": {**answers, **more}}, next(iter(more)))

    def test_a_text_behind_them_is_refused(self, place: Place) -> None:
        paper = {"answers": {"consent": "no"}, "texts": {"comments": SECRET}}
        assert SECRET not in refused(place, paper, "comments").err


class TestTheFile:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "JSON"),
            (b"not json", "JSON"),
            (b"[]", "answers"),
            (b"null", "answers"),
            (b'"answers"', "answers"),
            (b"{}", "answers"),
            (b'{"texts": {}}', "answers"),
            (b'{"answers": []}', "answers"),
            (b'{"answers": null}', "answers"),
            (b'{"answers": {}, "texts": []}', "texts"),
            (b'{"answers": {}, "texts": null}', "texts"),
            (b'{"answers": {}, "mode": "phone"}', "mode"),
            (b'{"answers": {"mc_provided": NaN}}', "NaN"),
            (b'{"answers": {"mc_provided": 1e999}}', "large"),
            (b'{"answers": {"consent": "yes", "consent": "no"}}', "twice"),
            (b'\xef\xbb\xbf{"answers": {}}', "consent"),
            (b'{"answers": {"consent": "\xff"}}', "UTF-8"),
            (b'{"answers": ' + b"[" * 100_000, "nested"),
            (b'{"answers": {"mc_provided": ' + b"9" * 5000 + b"}}", "large"),
            (b'{"answers": {}, "texts": {"comments": "\\ud800"}}', "surrogate"),
            (b'{"answers": {}' + b" " * 1_100_000 + b"}", "1 MiB"),
            (b'{"answers": {}}', "consent"),
        ],
        ids=lambda value: str(value)[:20],
    )
    def test_what_is_no_file_of_answers_is_refused(
        self, place: Place, content: bytes, words: str
    ) -> None:
        named = refused(place, content, words)
        assert "sheet.json" in named.err or words == "consent"
        piped = place.run("respond", "--answers", "-", typed=content)
        assert piped.code == 2
        assert words in piped.err

    def test_a_file_that_is_not_there_is_refused(self, place: Place) -> None:
        ran = place.run("respond", "--answers", "nowhere.json")
        assert ran.code == 2
        assert "nowhere.json" in ran.err

    def test_a_folder_is_refused(self, place: Place) -> None:
        assert place.run("respond", "--answers", ".").code == 2

    def test_a_name_of_a_key_cannot_act_on_the_terminal(self, place: Place) -> None:
        ran = refused(place, {"answers": {"\x1b[2J\u202e": "x"}})
        assert "\x1b" not in ran.err
        assert "\u202e" not in ran.err

    def test_a_value_cannot_act_on_the_terminal(self, place: Place) -> None:
        assert "\x1b" not in refused(place, sheet(country="\x1b[2J"), "country").err

    def test_a_text_is_kept_without_what_could_act_on_a_terminal(self, place: Place) -> None:
        paper = sheet()
        paper["texts"]["comments"] = "  a\x1b[2Jb\u202ec\n\td\u200b e\u0301  "
        assert place.answer(paper).code == 0
        assert place.typed["comments"] == "a[2Jbc  d é"


@pytest.mark.parametrize("item", [i for i in ITEMS if isinstance(ITEMS[i], Single | Multiple)])
def test_every_code_of_a_choice_is_taken(item: str) -> None:
    known = ITEMS[item]
    assert isinstance(known, Single | Multiple)
    for option in builtin().options(known):
        if option.ends or item in ("involvement", "org_role", "consent"):
            continue
        value = option.code if isinstance(known, Single) else [option.code]
        answers = sheet(on_route(item), **{item: value})["answers"]
        if (item, value) == ("mc_framework", "none"):
            del answers["mc_eqf"]
        if (item, value) == ("mc_earners", ["nobody"]):
            del answers["mc_takeup"]
        finished = walk_answers(builtin(), answers, {})
        assert finished.interview.answers[item] in (option.code, (option.code,))


@pytest.mark.parametrize("item", [i for i in ITEMS if isinstance(ITEMS[i], Integer)])
def test_both_limits_of_a_number_are_taken(item: str) -> None:
    known = ITEMS[item]
    assert isinstance(known, Integer)
    for number in (known.minimum, known.maximum):
        answers = sheet(on_route(item), **{item: number})["answers"]
        assert walk_answers(builtin(), answers, {}).interview.answers[item] == number


@pytest.mark.parametrize("item", [i for i in ITEMS if isinstance(ITEMS[i], Ranking)])
def test_a_ranking_takes_every_number_of_ranks(item: str) -> None:
    known = ITEMS[item]
    assert isinstance(known, Ranking)
    codes = [option.code for option in builtin().options(known) if not option.exclusive]
    for count in range(1, known.ranks + 1):
        answers = sheet(on_route(item), **{item: codes[-count:]})["answers"]
        assert walk_answers(builtin(), answers, {}).interview.answers[item] == tuple(codes[-count:])
