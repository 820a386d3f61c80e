"""Common properties of all report formats: labels, coarser tables, and omitted tables."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from microcred_cli.i18n import FOLDER, speaking
from microcred_cli.records.recoding import stored
from microcred_cli.summary.formats import Dates, format_named
from microcred_cli.summary.formats.layout import report_of
from microcred_cli.summary.formats.words import MAY_WAIT, WHY_NOT_SHOWN
from microcred_cli.terminal.report_lines import Look
from microcred_cli.terminal.report_view import write
from tests.formats.examples import QUESTIONNAIRE, Example, example, with_counts
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.summary.figures import Table
    from microcred_cli.summary.formats.report import Report

LANGUAGES = ("en", *sorted(path.name for path in FOLDER.iterdir()))
EVERY = ("table", "plain", "markdown", "html", "json", "csv")
FOR_PEOPLE = EVERY[:4]

ROUGH = (
    "Percentages are approximate, whatever the base, where counts are rounded to multiples of 10"
)

FIRM = next(str(table.row) for table in example().tables if table.item == "trust")
"""The first of the two statements on trust."""

LABELLED = (
    QUESTIONNAIRE.replace(
        "label: The one who leads the whole organisation}",
        "label: The one who leads the whole organisation, result_label: Bosses}",
    )
    .replace("concept: trust\n", "concept: trust\n        result_label: Trust in schools\n")
    .replace("label: A pen}", "label: A pen, result_label: Pens}")
    .replace("label: Up to nine, min", "label: Up to nine, result_label: Few pens, min")
)


def shown(given: Example, output: str, *, dates: Dates | None = None) -> str:
    """The output of a format for a summary, on one line and without Markdown syntax."""
    dates = dates or Dates()
    if output in ("table", "plain"):
        aloud = output == "plain"
        report = report_of(given.summary, given.recorded, dates, aloud=aloud)
        out = io.StringIO()
        write(report, out, Look(100, spoken=aloud), colour=False)
        text = out.getvalue()
    else:
        text = format_named(output).render(given.summary, given.recorded, dates)
    text = re.sub(r"\\([\\`*_{}\[\]<>#|~&!$@:])", r"\1", text) if output == "markdown" else text
    text = re.sub(r"<[a-z/!][^>]*>", " ", text) if output == "html" else text
    return " ".join(text.split())


def laid_out(given: Example) -> Report:
    return report_of(given.summary, given.recorded)


def changed(given: Example, change: Callable[[Table], Table]) -> Example:
    tables = tuple(map(change, given.tables))
    return replace(given, summary=given.summary.model_copy(update={"tables": tables}))


def without_row(item: str, row: str, *, groups_only: bool = False) -> Callable[[Table], Table]:
    """A change that withholds one row of an item."""

    def change(table: Table) -> Table:
        if (table.item, table.row) != (item, row) or (groups_only and table.group is None):
            return table
        return table.model_copy(update={"withheld": True, "base": None, "cells": ()})

    return change


class TestLabels:
    @pytest.mark.parametrize("output", EVERY)
    def test_results_have_the_short_labels(self, output: str) -> None:
        text = shown(example("role", text=LABELLED), output)
        assert "Pens" in text
        assert "Few pens" in text
        assert ("Trust in schools" in text) is (output in ("markdown", "html"))
        assert "A pen," not in text
        assert "Up to nine" not in text
        if output in FOR_PEOPLE:
            assert "Bosses" in text
            assert "leads the whole" not in text

    def test_figures_that_were_made_with_other_labels_are_called_anew(self) -> None:
        old = example("role")
        new = replace(old, recorded=stored(questionnaire_of(LABELLED)))
        assert '"label": "Pens"' in shown(new, "json")
        assert '"label": "A pen"' in shown(old, "json")

    def test_without_a_label_in_another_language_the_concept_has_a_mark(self) -> None:
        with speaking("de"):
            assert "Uses [en]" in shown(example(), "html")
        assert "[en]" not in shown(example(), "html")


class TestLanguages:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_the_words_of_a_report_are_of_the_language(self, language: str, output: str) -> None:
        given = example("role", withheld=("trust",), bases=(None, 10))
        english = shown(given, output)
        with speaking(language):
            text = shown(given, output)
        for words in ("Not shown", "the people asked", "Smaller groups", "Don't know"):
            assert (words in text) is (language == "en") or words not in english

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_page_says_its_language(self, language: str) -> None:
        given = example()
        with speaking(language):
            page = format_named("html").render(given.summary, given.recorded)
        assert f'<html lang="{language}">' in page

    def test_numbers_are_written_as_the_language_has_them(self) -> None:
        given = with_counts(example(), "trust", 50, 45, 15)
        expected = {"en": ("1,200", "1.7"), "de": ("1.200", "1,7"), "fr": ("1\u202f200", "1,7"),
                    "es": ("1200", "1,7")}  # fmt: skip
        for language, (number, mean) in expected.items():
            with speaking(language):
                page = format_named("html").render(given.summary, given.recorded)
            assert number in page
            assert f">{mean}<" in page

    def test_programs_get_the_same_numbers_and_codes(self) -> None:
        def figures() -> list[list[str]]:
            given = example("role")
            text = format_named("csv").render(given.summary, given.recorded)
            rows = csv.DictReader(io.StringIO(text, newline=""))
            return [[v for name, v in row.items() if "label" not in name] for row in rows]

        english = figures()
        with speaking("de"):
            assert figures() == english

    def test_a_voice_meets_no_sign_and_no_number_in_pieces(self) -> None:
        for language in LANGUAGES:
            with speaking(language):
                text = shown(example("role"), "plain")
            assert "<8" not in text
            assert not re.search(r"\d[\u00a0\u202f]\d", text)


class TestHead:
    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_names_the_days_of_the_fieldwork_where_they_are_set(self, output: str) -> None:
        dates = Dates(date(2027, 5, 31), date(2027, 6, 30))
        text = shown(example(), output, dates=dates)
        assert "31 May 2027" in text
        assert "30 June 2027" in text
        assert "Open until" not in shown(example(), output)
        with speaking("fr"):
            assert "31 mai 2027" in shown(example(), output, dates=dates)

    @pytest.mark.parametrize("output", EVERY)
    def test_the_same_figures_give_the_same_text(self, output: str) -> None:
        assert shown(example("role"), output) == shown(example("role"), output)

    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_says_once_that_some_may_wait(self, output: str) -> None:
        assert shown(example("role"), output).count(MAY_WAIT) == 1

    @pytest.mark.parametrize("output", ["json", "csv"])
    def test_programs_are_not_told_that_some_may_wait(self, output: str) -> None:
        assert "waiting" not in shown(example("role"), output)

    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_says_why_totals_may_not_add_up(self, output: str) -> None:
        assert "Each count is rounded separately, so" in shown(example(), output)

    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_says_whom_the_figures_describe(self, output: str) -> None:
        assert "no margin of error can be given" in shown(example(), output)


class TestRounded:
    @pytest.mark.parametrize("by", [None, "role"])
    @pytest.mark.parametrize("item", ["uses", "trust"])
    @pytest.mark.parametrize("output", EVERY)
    def test_a_coarser_table_says_so_in_every_format(
        self, output: str, item: str, by: str | None
    ) -> None:
        given = changed(
            example(by),
            lambda t: t.model_copy(update={"rounded_to": 10}) if t.item == item else t,
        )
        text, before = shown(given, output), shown(example(by), output)
        if output == "json":
            assert '"rounded_to": 10, "cells"' in text
            assert '"rounded_to": 10, "cells"' not in before
        elif output == "csv":
            assert text.count(",1250,10") == sum(
                len(t.cells) for t in given.tables if t.item == item
            )
        else:
            assert "in these tables except the base are rounded to multiples of 10: 10" in text
            assert ("For everyone and by group" in text) is (by is not None)
            assert "Neither for everyone nor by group" not in text
            assert "10 stands for 8 to 14, 20 for 15 to 24." in text
            assert "multiples of 10" not in before
            assert ("‡" in text) is (output != "plain")
            assert ROUGH in text
            assert ROUGH not in before


class TestGroups:
    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_those_who_gave_a_breakdown_no_answer_are_told_from_those_of_a_question(
        self, output: str
    ) -> None:
        given = example("role", groups=("boss", "not_asked", "pna"), unasked=(("uses", "pna"),))
        text = shown(given, output)
        assert "Not asked (Role at work)" in text
        assert "Not asked of: Prefer not to answer (Role at work)." in text
        with speaking("de"):
            assert "Nicht gestellt (" in shown(given, output)

    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_where_nothing_is_broken_down_no_breakdown_is_named(self, output: str) -> None:
        given = example("role")
        tables = tuple(table for table in given.tables if table.item == "role")
        whole = given.summary.model_copy(update={"tables": tables})
        text = shown(Example(whole, given.recorded), output)
        assert "Broken down by" not in text
        assert "Groups of fewer" not in text
        assert "Broken down by" in shown(given, output)


class TestNotShown:
    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_why_is_said_once_with_what(self, output: str) -> None:
        given = example("role", withheld=("uses", "trust", "best"))
        text = shown(given, output)
        assert text.count(WHY_NOT_SHOWN) == 1
        end = text[text.index(WHY_NOT_SHOWN) :]
        for name in ("uses", "trust", "best"):
            assert re.search(rf"\b{name}\b", end)
        assert "mood" not in end
        assert WHY_NOT_SHOWN not in shown(example("role"), output)

    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_a_statement_alone_is_named_and_the_others_are_shown(self, output: str) -> None:
        given = changed(example(), without_row("trust", FIRM))
        text = shown(given, output)
        assert "Not shown: A firm." in text
        assert "A school of the town" in text
        end = text[text.index(WHY_NOT_SHOWN) :]
        assert "A firm" in end
        assert "A school of the town" not in end

    @pytest.mark.parametrize("everyone", [False, True])
    @pytest.mark.parametrize("output", FOR_PEOPLE)
    def test_a_statement_whose_groups_are_not_shown_is_shown_for_everyone(
        self, output: str, everyone: bool
    ) -> None:
        given = changed(example("role"), without_row("trust", FIRM, groups_only=not everyone))
        text = shown(given, output)
        part = text[: text.index(WHY_NOT_SHOWN)]
        end = text[text.index(WHY_NOT_SHOWN) :]
        assert ("Not shown: A firm." in part) is everyone
        assert ("For everyone only" in part) is not everyone
        assert ("Neither for everyone nor by group" in end) is everyone
        assert ("By group (Role at work)" in end) is not everyone
        assert "A firm" in end

    def test_one_group_alone_names_what_it_lacks(self) -> None:
        given = changed(example("role"), without_row("trust", FIRM))
        only = tuple(table for table in given.tables if table.group == "boss")
        one = replace(given, summary=given.summary.model_copy(update={"tables": only}))
        for output in FOR_PEOPLE:
            assert "Not shown: A firm." in shown(one, output)


class TestBars:
    @pytest.mark.parametrize(
        ("counts", "pattern"),
        [
            ((50, None, 15), r"1+·+3+"),
            ((None, 50, 15), r"·+2+3+"),
            ((50, 15, None), r"1+2+·+"),
            ((95, None, 5), r"1+·+3+"),
            ((None, None, None), r"·+"),
        ],
    )
    def test_a_step_that_is_not_shown_keeps_its_place(
        self, counts: tuple[int | None, ...], pattern: str
    ) -> None:
        report = laid_out(with_counts(example(), "trust", *counts))
        out = io.StringIO()
        write(report, out, Look(80), colour=False)
        bar = next(line for line in out.getvalue().splitlines() if line.startswith("  A firm"))
        drawn = bar.removeprefix("  A firm").strip().split("  ")[0]
        assert re.fullmatch(pattern, drawn)

    def test_the_gap_is_what_the_shown_steps_leave(self) -> None:
        given = with_counts(example(), "trust", 60, None, None)
        tables = changed(given, lambda t: t.model_copy(update={
            "base": 100,
            "cells": tuple(c.model_copy(update={"percent": c.count}) for c in t.cells),
        }) if t.item == "trust" else t)  # fmt: skip
        report = laid_out(tables)
        (grid,) = next(q for p in report.parts for q in p.questions if q.id == "trust").grids
        steps, aside = grid.bar(grid.columns[0])
        assert [segment.parts for segment in steps] == [6000, 4000]
        assert steps[1].line is None
        assert aside == ()
