"""The HTML report: correct figures, accessibility, and no external resources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from microcred_cli.questionnaire.values import BLANK
from microcred_cli.summary.formats import format_named
from microcred_cli.summary.formats.words import (
    GROUPS_WITHHELD,
    NO_MEAN_MEANS,
    WITHHELD,
    for_everyone_only,
)
from tests.formats.examples import (
    QUESTIONNAIRE,
    ROUTED,
    Example,
    example,
    shown,
    shown_with_share,
    with_counts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.summary.figures import Table

VOID = {"meta", "rect", "line", "br", "link", "img"}


@dataclass
class Element:
    """An element of the page."""

    name: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, *names: str) -> list[Element]:
        return [element for element in self.walk() if element.name in names]

    @property
    def text(self) -> str:
        parts = [
            c if isinstance(c, str) else "" if c.attributes.get("class") == "aloud" else c.text
            for c in self.children
        ]
        return " ".join("".join(parts).split())


class Tree(HTMLParser):
    """Builds the element tree, and refuses elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.here.name == tag
            assert self.here.parent is not None
            self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def rendered(given: Example) -> str:
    return format_named("html").render(given.summary, given.recorded)


def tree(text: str) -> Element:
    parser = Tree()
    parser.feed(text)
    parser.close()
    assert parser.here is parser.root
    return parser.root


def page(given: Example) -> Element:
    return tree(rendered(given))


def with_id(root: Element, name: str) -> Element:
    (found,) = [element for element in root.walk() if element.attributes.get("id") == name]
    return found


def lines(table: Element) -> dict[str, list[str]]:
    """The cells of a table, by row heading."""
    return {
        row.all("th")[0].text: [cell.text for cell in row.all("td")]
        for body in table.all("tbody")
        for row in body.all("tr")
    }


EXAMPLES = [
    example(),
    example("role"),
    example("role", withheld=("uses", "trust"), unasked=(("number", "staff"),)),
    example(withheld=("best",), label="<b title='x'>&amp;\"</b>"),
]


# -- figures ---------------------------------------------------------------------------------------


def test_a_question_alone_has_the_figures_of_the_summary() -> None:
    given = example()
    (wanted,) = tables_of(given, "uses")
    (table,) = with_id(page(given), "q-uses").all("table")
    read = lines(table)
    for cell in wanted.cells:
        if cell.code == BLANK and cell.masked:
            # Hardly anybody can have left it empty: that takes a paper questionnaire.
            assert cell.label not in read
            continue
        share = "" if cell.percent is None else f"{cell.percent} %"
        assert read[cell.label] == [shown(cell), share]
    assert read["Base"] == ["1,200", ""]


def test_a_breakdown_has_the_figures_of_the_summary() -> None:
    given = example("role")
    wanted = tables_of(given, "uses")
    (table,) = with_id(page(given), "q-uses").all("table")
    read = lines(table)
    for cell in wanted[0].cells:
        same = [{c.code: c for c in t.cells}.get(cell.code) for t in wanted]
        assert read[cell.label] == [shown_with_share(c) for c in same]
    assert read["Base"] == ["<8" if t.base is None else f"{t.base:,}" for t in wanted]


def test_not_asked_is_counted_for_everyone_only() -> None:
    root = page(example("role", text=ROUTED))
    assert root.text.count(for_everyone_only("not_asked")) == 1
    article = with_id(root, "q-uses")
    (table,) = article.all("table")
    assert lines(table)["Not asked"][0] != ""
    assert lines(table)["Not asked"][1:] == [""] * 3
    assert "–" not in article.text


def test_the_percentages_of_small_bases_are_called_rough() -> None:
    assert "can mean 8 of 12 people" in rendered(example("role", bases=(10,)))
    assert "can mean 8 of 12 people" not in rendered(example("role", bases=(40,)))


def pieces_of_first_bar(article: Element) -> list[tuple[str, float, float]]:
    """The segments of the first stacked bar below the legend: style, start and width."""
    bars = [r.attributes for r in article.all("rect") if r.attributes["height"] == "20"]
    return [
        (bar["class"], float(bar["x"]), float(bar["width"]))
        for bar in bars
        if bar["y"] == bars[0]["y"]
    ]


@pytest.mark.parametrize(
    ("counts", "looks"),
    [
        ((50, 45, None), ["step0", "step3", "hidden"]),
        ((None, 45, 15), ["hidden", "step3", "step6"]),
        ((50, None, 15), ["step0", "hidden", "step6"]),
        ((50, None, None), ["step0", "hidden"]),
        ((50, 45, 15), ["step0", "step3", "step6"]),
    ],
)
def test_a_step_that_is_not_shown_is_hatched_in_its_place(
    counts: tuple[int | None, ...], looks: list[str]
) -> None:
    article = with_id(page(with_counts(example(), "trust", *counts)), "q-trust")
    found = pieces_of_first_bar(article)
    assert [look for look, _, _ in found] == looks
    for (_, start, width), (_, following, _) in pairwise(found):
        assert abs(start + width - following) <= 0.15
    assert ("Hatched: steps that are not shown" in article.text) is ("hidden" in looks)
    assert ("Mean" in article.text) is ("hidden" not in looks)
    assert NO_MEAN_MEANS not in article.text
    drawn = [line.attributes for line in article.all("line")]
    assert (len(drawn) > 0) is ("hidden" in looks)


def test_what_is_no_step_stands_apart_in_a_colour_of_its_own() -> None:
    text = QUESTIONNAIRE.replace(
        "{code: many, label: Ten or more, min: 10}]}",
        "{code: many, label: Ten or more, min: 10}]}\n      - {id: hours, kind: single, "
        "concept: hours, text: How long?, measure: ordinal, options: [{code: short, label: Short}, "
        "{code: long, label: Long}, {code: open, label: No usual length, off_scale: true}]}",
    )
    given = with_counts(example("role", text=text), "hours", 40, 30, 20)
    found = pieces_of_first_bar(with_id(page(given), "q-hours"))
    assert [look for look, _, _ in found] == ["step0", "step6", "aside"]
    (_, start, width), (_, apart, _) = found[-2:]
    assert apart - start - width > 4


def test_a_count_that_is_not_shown_has_words_for_who_listens() -> None:
    for cell in with_id(page(example("role")), "q-uses").all("td"):
        signs = [e for e in cell.walk() if e.attributes.get("aria-hidden") == "true"]
        words = [e for e in cell.walk() if e.attributes.get("class") == "aloud"]
        assert [sign.text for sign in signs] == ["<8"] * len(words)
        assert {"".join(map(str, word.children)) for word in words} <= {"under 8"}
        assert ("<8" in cell.text) is (len(words) == 1)


@pytest.mark.parametrize("by", [None, "role"])
def test_a_matrix_has_the_figures_of_the_summary(by: str | None) -> None:
    given = example(by)
    wanted = tables_of(given, "trust")
    found = with_id(page(given), "q-trust").all("table")
    assert len(found) == (2 if by else 1)
    heads = [head.text for head in found[0].all("thead")[0].all("th")]
    read = [line for table in found for line in lines(table).values()]
    assert len(read) == len(wanted)
    for line, table in zip(read, wanted, strict=True):
        by_head = dict(zip(heads, line, strict=True))
        assert by_head["Base"] == ("<8" if table.base is None else f"{table.base:,}")
        for cell in table.cells:
            assert by_head[cell.label] == shown_with_share(cell)


def test_a_ranking_has_a_column_for_each_rank() -> None:
    given = example()
    wanted = tables_of(given, "best")
    (table,) = with_id(page(given), "q-best").all("table")
    heads = [head.text for head in table.all("thead")[0].all("th")]
    assert heads == ["Answer", "First", "Second", "Third", "Any rank"]
    price = [next(c for c in t.cells if c.code == "price") for t in wanted]
    assert lines(table)["The price"] == [shown_with_share(cell) for cell in price]


@pytest.mark.parametrize("by", [None, "role"])
def test_the_charts_show_no_figure_that_the_tables_have_not(by: str | None) -> None:
    given = example(by)
    figures = {shown(cell) for t in given.tables for cell in t.cells}
    figures |= {f"{cell.percent} %" for t in given.tables for cell in t.cells}
    for svg in page(given).all("svg"):
        for text in svg.all("text"):
            if set(text.attributes["class"].split()) & {"figure", "middle"}:
                assert text.text in figures or re.fullmatch(r"\d\.\d", text.text)


def test_a_mean_is_that_of_the_printed_figures_and_needs_them_all() -> None:
    means = 0
    for seed in range(30):
        given = example(seed=seed)
        (wanted,) = tables_of(given, "mood")
        counts = [cell.count for cell in wanted.cells if cell.code.isdecimal()]
        said = re.findall(r"Mean (\S+) on the scale", with_id(page(given), "q-mood").text)
        if None in counts:
            assert said == []
            continue
        known = [count or 0 for count in counts]
        means += 1
        exact = sum(step * count for step, count in enumerate(known, 1)) / sum(known)
        assert abs(float(said[0]) - exact) <= 0.05 + 1e-9
    assert means


def test_what_is_withheld_is_said_once_and_has_no_chart() -> None:
    article = with_id(page(example("role", withheld=("best",))), "q-best")
    assert article.text.count(GROUPS_WITHHELD) == 1
    heads = [head.text for head in article.all("thead")[0].all("th")]
    assert heads == ["Answer", "First", "Second", "Third", "Any rank"]
    alone = with_id(page(example(withheld=("best",))), "q-best")
    assert alone.text.count(WITHHELD) == 1
    assert alone.all("svg", "table") == []


def test_a_group_that_is_not_asked_is_named() -> None:
    given = example("role", unasked=(("number", "staff"),))
    article = with_id(page(given), "q-number")
    assert "Not asked of: Staff." in article.text
    assert "Staff" not in [head.text for head in article.all("th")]


# -- security -------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", EXAMPLES)
def test_nothing_is_fetched_and_nothing_runs(given: Example) -> None:
    text = rendered(given)
    root = tree(text)
    assert root.all("script", "link", "img", "iframe", "object", "base", "form") == []
    for element in root.walk():
        assert not {"src", "srcset", "onload", "onclick", "xlink:href"} & set(element.attributes)
        assert element.attributes.get("href", "#").startswith("#")
    assert not re.search(r"url\(|@import|https?:", text)
    (policy,) = [m for m in root.all("meta") if "http-equiv" in m.attributes]
    assert policy.attributes["content"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "</style></svg></title>",
        "{{ 7 * 7 }}{% raw %}",
        "&lt;b&gt;",
        "\x1b]0;x\x07\u202e",
    ],
)
def test_every_text_is_shown_as_it_is(label: str) -> None:
    plain, hostile = page(example("role")), page(example("role", label=label))
    assert [e.name for e in plain.walk() if e.name not in SHAPES] == [
        e.name for e in hostile.walk() if e.name not in SHAPES
    ]
    shown_label = label.replace("\x1b", "␛").replace("\x07", "␇").replace("\u202e", "�")
    assert shown_label in with_id(hostile, "q-uses").all("h3")[0].text


SHAPES = ("text",)
"""Longer labels take more lines of text in a chart."""


# -- accessibility --------------------------------------------------------------------------------


@pytest.mark.parametrize("given", EXAMPLES)
class TestAccess:
    def test_the_page_says_its_language_and_title(self, given: Example) -> None:
        root = page(given)
        assert root.all("html")[0].attributes["lang"] == "en"
        assert root.all("head")[0].all("title")[0].text.endswith(": results")

    def test_ids_are_unique_and_links_lead_somewhere(self, given: Example) -> None:
        root = page(given)
        ids = [e.attributes["id"] for e in root.walk() if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"\S+", name) for name in ids)
        for element in root.walk():
            for name in element.attributes.get("aria-labelledby", "").split():
                assert name in ids
            if "href" in element.attributes:
                assert element.attributes["href"][1:] in ids

    def test_headings_go_down_one_level_at_a_time(self, given: Example) -> None:
        levels = [int(e.name[1]) for e in page(given).all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))

    def test_the_contents_name_every_question(self, given: Example) -> None:
        root = page(given)
        linked = [a.attributes["href"] for a in root.all("nav")[0].all("a")]
        articles = [f"#{article.attributes['id']}" for article in root.all("article")]
        assert [link for link in linked if link.startswith("#q-")] == articles

    def test_every_drawing_has_a_title_and_words_and_a_table_beside_it(
        self, given: Example
    ) -> None:
        for svg in page(given).all("svg"):
            assert svg.attributes["role"] == "img"
            assert svg.all("title")[0].text
            assert svg.all("desc")[0].text
            figure = svg.parent
            assert figure is not None
            assert figure.parent is not None
            assert len(figure.parent.all("table")) == 1

    def test_every_table_has_a_caption_and_heads_with_a_scope(self, given: Example) -> None:
        for table in page(given).all("table"):
            assert table.all("caption")[0].text
            assert all(h.attributes["scope"] in ("col", "row", "rowgroup") for h in table.all("th"))
            widths = {sum(int(c.attributes.get("colspan", "1")) for c in row.all("th", "td"))
                      for row in table.all("tr")}  # fmt: skip
            assert len(widths) == 1

    def test_nothing_in_a_drawing_stands_outside_it(self, given: Example) -> None:
        for svg in page(given).all("svg"):
            _, _, width, height = map(float, svg.attributes["viewbox"].split())
            for shape in svg.all("rect"):
                x, y, w, h = (float(shape.attributes[k]) for k in ("x", "y", "width", "height"))
                assert w >= 0
                assert 0 <= x <= x + w <= width + 0.2
                assert 0 <= y <= y + h <= height
            for text in svg.all("text"):
                assert 0 <= float(text.attributes["y"]) <= height


def tables_of(given: Example, item: str) -> list[Table]:
    return [table for table in given.tables if table.item == item]
