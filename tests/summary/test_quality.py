"""Quality figures keep the rule of publication, and reveal nothing about the items' tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.errors import StoreError
from microcred_cli.summary.counts import count
from microcred_cli.summary.figures import Share
from microcred_cli.summary.protection import Protection
from microcred_cli.summary.quality import QualityCounts, item_nonresponse, quality_of
from microcred_cli.summary.rule import printed
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.summary.figures import Figures, Quality

SURVEY = questionnaire_of("""
    breakdowns: [role]
    sections:
      - id: main
        makes_partial: true
        items:
          - {id: role, required: hard, options: [firm, union]}
          - {id: view, kind: matrix, rows: [a, b, c], options: ["1", "2"], missing: [dk]}
          - {id: pair, kind: matrix, rows: [a, b], options: ["1", "2"]}
          - {id: last, options: [x, y], missing: [dk], required: soft}
""")
PROTECTION = Protection(SURVEY, sha256="0" * 64)

ROLES = "firm", "union"

Record = dict[str, Any]
Line = tuple[str, ...]


def record(line: Line | str, *, role: str = "firm", last: str = "x") -> Record:
    """A record with these answers to the rows of the matrix."""
    view = line if isinstance(line, str) else dict(zip("abc", line, strict=True))
    pair: Any = {"a": "1", "b": "1"}
    if view == "not_reached":
        pair = last = "not_reached"
    return {"role": role, "view": view, "pair": pair, "last": last}


def made(
    records: Sequence[Record], minutes: Sequence[int | None] = ()
) -> tuple[Figures, Quality | None]:
    """The figures of these records, and their quality figures."""
    counts = QualityCounts.begin(SURVEY)
    for place, answers in enumerate(records):
        counts.count(answers, minutes[place] if minutes else 20, 1)
    figures = PROTECTION.figures(count(SURVEY, records))
    return figures, quality_of(counts, figures)


def straight_of(records: Sequence[Record]) -> Share | None:
    _, quality = made(records)
    assert quality is not None
    return quality.straight["view"]


MIXED = [*product("12", repeat=3)][1:-1]


def crowd(straight: int, size: int, seed: int = 0) -> list[Record]:
    """Records with this number of straight lines, half of them on each code."""
    lines: list[Line] = [("12"[n % 2],) * 3 for n in range(straight)]
    lines += Random(seed).choices(MIXED, k=size - straight)
    return [record(line, role=ROLES[n % 2]) for n, line in enumerate(lines)]


class TestCounts:
    def test_only_full_rows_count_and_only_matrices_of_three_rows(self) -> None:
        counts = QualityCounts.begin(SURVEY)
        for line in (("1", "1", "1"), ("1", "2", "1"), ("dk", "dk", "dk"), "not_reached"):
            counts.count(record(line), None, 1)
        assert counts.straight == {"view": [2, 1]}
        assert counts.short == [0, 0]

    def test_interviews_under_fifteen_minutes_are_short_in_either_detail(self) -> None:
        counts = QualityCounts.begin(SURVEY)
        for minutes in (5, 10, 15, 20, 60, None):
            counts.count(record("not_reached"), minutes, 1)
        assert counts.short == [5, 2]

    def test_they_are_stored_and_subtracted(self) -> None:
        counts = QualityCounts.begin(SURVEY)
        for answers in crowd(3, 8):
            counts.count(answers, 10, 1)
        again = QualityCounts.begin(SURVEY, counts.to_object())
        assert again == counts
        for answers in crowd(3, 8):
            again.count(answers, 10, -1)
        assert again == QualityCounts.begin(SURVEY)

    @pytest.mark.parametrize(
        "kept",
        [
            {},
            "",
            {"short": [1, 2], "straight": {"view": [1, 0]}},
            {"short": [1, 0], "straight": {"other": [1, 0]}},
        ],
    )
    def test_counts_of_another_form_are_refused(self, kept: object) -> None:
        with pytest.raises(StoreError):
            QualityCounts.begin(SURVEY, kept)


class TestShares:
    def test_fewer_than_ten_responses_have_no_quality_figures(self) -> None:
        assert made(crowd(2, 9))[1] is None

    def test_they_are_stored_with_the_other_figures(self) -> None:
        figures, quality = made(crowd(30, 100))
        stored = figures.model_copy(update={"quality": quality})
        assert type(figures).known(stored.model_dump()) == stored
        assert type(figures).from_json(stored.model_dump_json()) == stored

    @settings(max_examples=100, deadline=None)
    @given(st.integers(2, 40), st.data())
    def test_short_interviews_keep_the_rule(self, fives: int, data: st.DataObject) -> None:
        """Each printed pair leaves four values to the short interviews, and to the others.

        All pairs of numbers that print the same are compared, for an attacker who knows how many
        responses there are.
        """
        size = 5 * fives
        short = data.draw(st.integers(0, size))
        measured = data.draw(st.integers(short, size))
        shown = _printed(size, measured, short)
        if size < 15:
            assert shown is None
            return
        assert shown is not None
        for figure in (shown.base, shown.count):
            assert figure is None or (figure >= 10 and figure % 5 == 0)
        alike = [
            (m, s)
            for m in range(max(0, measured - 9), min(size, measured + 9) + 1)
            for s in range(m + 1)
            if _printed(size, m, s) == shown
        ]
        assert (measured, short) in alike
        assert len({s for _, s in alike}) >= 4
        assert len({m - s for m, s in alike}) >= 4

    def test_a_high_share_is_flagged_and_the_highest_is_open(self) -> None:
        assert _printed(100, 100, 7) == Share(base=100, count=None)
        few, many = _printed(200, 200, 17), _printed(200, 200, 18)
        assert few is not None
        assert many is not None
        assert (few.percent, few.is_flagged) == (8, False)
        assert (many.percent, many.is_flagged) == (10, True)
        assert _printed(100, 100, 99) == Share(base=100, count=95, at_least=True)


def _printed(size: int, measured: int, short: int) -> Share | None:
    """The printed share of short interviews."""
    figures = FIGURES.model_copy(update={"responses": size})
    found = quality_of(QualityCounts([measured, short]), figures)
    assert found is not None
    return found.short


class TestStraightLines:
    def test_they_are_printed_like_any_count(self) -> None:
        assert straight_of(crowd(3, 100)) == Share(base=100, count=None)
        assert straight_of(crowd(17, 100)) == Share(base=100, count=15)

    def test_in_a_small_or_nearly_unanimous_crowd_they_are_withheld(self) -> None:
        assert straight_of(crowd(1, 15)) is None
        assert straight_of([record(("1", "1", "1"))] * 95 + crowd(0, 5)) is None

    def test_all_data_sets_with_the_same_tables_allow_the_same_printed_numbers(self) -> None:
        """An attack: no printed number of straight lines says anything about the tables of rows.

        Every exchange of answers within rows and roles keeps all tables. So if each number up to
        the limit can be reached by exchanges from any data set, an attacker who has the number
        learns nothing about the tables.
        """
        random = Random(4)
        shown = 0
        for seed in range(12):
            records = crowd(random.randrange(40), 80, seed)
            before, quality = made(records)
            assert quality is not None
            wanted = quality.straight["view"]
            low, high = (_reached(records, sign) for sign in (-1, 1))
            for found in (low, high):
                assert made(found)[0] == before
            numbers = {straight_of(found) == wanted for found in (low, high)}
            if wanted is None:
                assert numbers == {True}
                continue
            shown += 1
            fewest, most = (_straight(found) for found in (low, high))
            assert fewest < 8
            assert most >= (wanted.count or 0) - 2
        assert shown >= 6

    def test_another_data_set_with_the_same_figures_allows_the_number_that_was_printed(
        self,
    ) -> None:
        """An attack on crowds with as many straight lines as their tables allow.

        Answers are changed as far as all printed figures stay the same, so that the rows agree
        less. If the printed number were then impossible, it would prove that they were not changed.
        """
        shown = capped = 0
        for seed in range(20):
            random = Random(seed)
            records = _reached(_unlike(200, random), 1)
            before, quality = made(records)
            other = _reached(_apart(records, random), 1)
            after, _ = made(other)
            if before != after or quality is None or quality.straight["view"] is None:
                continue
            wanted = quality.straight["view"]
            assert _straight(other) >= (wanted.count or 0) - 2
            shown += _straight(other) < _straight(records)
            capped += wanted.at_least
        assert shown >= 5
        assert capped >= 5

    @settings(max_examples=40, deadline=None)
    @given(st.integers(20, 60), st.integers(0, 60), st.integers(0, 2**32))
    def test_whether_they_are_shown_depends_on_printed_tables_only(
        self, size: int, straight: int, seed: int
    ) -> None:
        records = crowd(min(straight, size), size, seed)
        other = _exchanged(records, Random(seed))
        (tables, one), (same, two) = made(records), made(other)
        assert tables == same
        assert one is not None
        assert two is not None
        shares = one.straight["view"], two.straight["view"]
        assert (shares[0] is None) is (shares[1] is None)


FIGURES = made(crowd(5, 20))[0]


def _straight(records: Sequence[Record]) -> int:
    return sum(len(set(one["view"].values())) == 1 for one in records)


def _unlike(size: int, random: Random) -> list[Record]:
    """Records whose rows have different distributions."""
    shares = [random.uniform(0.2, 0.8) for _ in "abc"]
    return [
        record(tuple("21"[random.random() < share] for share in shares), role=role)
        for role in random.choices(ROLES, k=size)
    ]


def _apart(records: Sequence[Record], random: Random) -> list[Record]:
    """The records with answers changed so that fewer straight lines are possible.

    The counts of each row are printed as before, for everyone and in each role.
    """
    found = [{**one, "view": dict(one["view"])} for one in records]
    counts = Counter((one["role"], row, one["view"][row]) for one in found for row in "abc")
    before = _printed_counts(counts), _possible(counts)
    for _ in range(400):
        one, row = random.choice(found), random.choice("abc")
        old = one["view"][row]
        new = "12"[old == "1"]
        changed = counts + Counter({(one["role"], row, new): 1})
        changed -= Counter({(one["role"], row, old): 1})
        after = _printed_counts(changed), _possible(changed)
        if after[0] == before[0] and after[1] <= before[1]:
            one["view"][row] = new
            counts, before = changed, after
    return found


def _printed_counts(counts: Mapping[tuple[str, str, str], int]) -> list[int | None]:
    """The printed counts of each row, by role and for everyone."""
    apart = [[counts[role, row, code] for role in ROLES] for row in "abc" for code in "12"]
    return [printed(number) for cell in apart for number in (*cell, sum(cell))]


def _possible(counts: Mapping[tuple[str, str, str], int]) -> int:
    """The most straight lines that exchanges within roles can give."""
    return sum(min(counts[role, row, code] for row in "abc") for role in ROLES for code in "12")


def _exchanged(records: Sequence[Record], random: Random) -> list[Record]:
    """The records with the answers to each row exchanged at random within each role."""
    found = [{**one, "view": dict(one["view"])} for one in records]
    for role, row in product(ROLES, "abc"):
        people = [one for one in found if one["role"] == role]
        answers = [one["view"][row] for one in people]
        random.shuffle(answers)
        for one, answer in zip(people, answers, strict=True):
            one["view"][row] = answer
    return found


def _reached(records: Sequence[Record], sign: int) -> list[Record]:
    """The records after exchanges that give as many (1) or as few (-1) straight lines as they can.

    Sorting all rows alike gives the most; rotating them against each other, the fewest.
    """
    found = [{**one, "view": dict(one["view"])} for one in records]
    for role in ROLES:
        people = [one for one in found if one["role"] == role]
        for place, row in enumerate("abc"):
            answers = sorted(one["view"][row] for one in people)
            by = 0 if sign > 0 else place * len(people) // 3
            for one, answer in zip(people, answers[by:] + answers[:by], strict=True):
                one["view"][row] = answer
    return found


class TestItemNonresponse:
    def test_it_is_that_of_the_printed_tables(self) -> None:
        records = [*crowd(5, 60), *(record("not_reached") for _ in range(20))]
        for one in records[:13]:
            one["last"] = "dk"
        figures, _ = made(records)
        found = {(each.item, each.row): each for each in item_nonresponse(figures)}
        last = found["last", None]
        assert last.codes == {"dk": 15, "pna": None, "blank": None, "not_reached": 20}
        assert (last.base, last.percent, last.is_flagged) == (45, 44, True)
        assert found["role", None].percent is None
        rows = defaultdict(list)
        for item, row in found:
            rows[item].append(row)
        assert rows["view"] == ["a", "b", "c"]

    def test_a_withheld_table_gives_no_figure(self) -> None:
        figures = FIGURES.model_copy(update={"unbroken": (None,) * len(FIGURES.headings)})
        assert all(
            (each.withheld, each.base, each.codes, each.percent) == (True, None, {}, None)
            for each in item_nonresponse(figures)
        )
