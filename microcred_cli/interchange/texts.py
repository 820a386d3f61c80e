"""The sealed free-text answers in random order: for staff only, never for publication."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic_core import from_json

from microcred_cli.errors import StoreError
from microcred_cli.i18n import N_, _, labelled, spoken
from microcred_cli.interchange.translated import heading_in
from microcred_cli.questionnaire.values import REMARK
from microcred_cli.records.validation import text_limits
from microcred_cli.store.batches import SMALLEST_BATCH
from microcred_cli.store.counts import judged_lines
from microcred_cli.store.index import Tombstones
from microcred_cli.store.judge import Accepted
from microcred_cli.store.layout import Kind, is_record
from microcred_cli.store.segments import LOT
from microcred_cli.summary.formats.csv_format import cell_text
from microcred_cli.summary.formats.markdown import escaped
from microcred_cli.summary.formats.words import SYNTHETIC
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge

FORMAT: Final = "microcred-texts/1"
SMALLEST_POOL: Final = SMALLEST_BATCH
"""The minimum number of answers in a pool that may be shown."""

TITLE: Final = N_("{title}: free-text answers")
NOTICE: Final = N_(
    "These answers are not for publication: they are the words of individuals, who could be "
    "recognised from them. Only staff may read them; publish only summaries in your own words."
)
REMARKS: Final = N_("{question} (interviewers' remarks)")


@dataclass(frozen=True, slots=True)
class Pool:
    """The answers for one key (an open item, `item.code` or `item.remark`), in random order."""

    key: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PooledTexts:
    """The pools that can be shown, in the order of the questionnaire.

    `small` has the keys of pools with too few texts to be shown. `unusable` is the number of lines
    that are damaged or belong to another version of the questionnaire.
    """

    pools: tuple[Pool, ...]
    small: tuple[str, ...]
    unusable: int


def keys_in_order(questionnaire: Questionnaire) -> list[str]:
    """The keys of all possible texts, by item; the remarks on an item come last."""
    places = {item.id: place for place, item in enumerate(questionnaire.items)}

    def place(key: str) -> tuple[int, bool]:
        item, _dot, part = key.partition(".")
        return places[item], part == REMARK

    return sorted(text_limits(questionnaire), key=place)


def read_pools(responses: Responses, judge: Judge, wanted: Collection[str]) -> PooledTexts:
    """Read the sealed pools of these keys; each call returns the answers in a new random order."""
    segments, tombstones = responses.segments, Tombstones.read(responses.folder)
    names = segments.sizes(Kind.TEXT)[0]
    pools, small, unusable = [], [], 0
    for key in filter(wanted.__contains__, keys_in_order(judge.asked)):
        name = segments.pool_of(key)
        if name not in names:
            continue
        texts: list[str] = []
        for line in judged_lines(segments, judge, Kind.TEXT, name, set(), tombstones):
            if isinstance(line, Accepted):
                texts.append(str(from_json(line.line)["text"]))
            else:
                unusable += 1
        LOT.shuffle(texts)
        if len(texts) >= SMALLEST_POOL:
            pools.append(Pool(key, tuple(texts)))
        else:
            small.append(key)
    return PooledTexts(tuple(pools), tuple(small), unusable)


def can_be_sealed(responses: Responses, wanted: Collection[str]) -> bool:
    """True if there are enough pending texts with one of these keys for a seal."""
    waiting: Counter[str] = Counter()
    for name in filter(is_record, responses.names(Kind.TEXT)):
        with suppress(StoreError):
            waiting[responses.read_text(responses.texts / name).item] += 1
    return any(waiting[key] >= SMALLEST_POOL for key in wanted)


def label_of(questionnaire: Questionnaire, key: str) -> str:
    """The label of a pool in the current language."""
    item_id, _dot, part = key.partition(".")
    item = questionnaire.by_id[item_id]
    heading = heading_in(item, questionnaire)
    if part == REMARK:
        return _(REMARKS).format(question=heading)
    return labelled(heading, questionnaire.option(item, part).label) if part else heading


# -- formats -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextReport:
    """A report of pools; `questionnaire` is in the language of the report."""

    questionnaire: Questionnaire
    pools: Sequence[Pool]
    synthetic: bool

    @property
    def title(self) -> str:
        """The heading of the report."""
        return _(TITLE).format(title=self.questionnaire.short_title)

    @property
    def notices(self) -> list[str]:
        """The notices printed above the answers."""
        return [_(NOTICE), *([_(SYNTHETIC)] if self.synthetic else [])]

    def label(self, pool: Pool) -> str:
        """The label of a pool."""
        return label_of(self.questionnaire, pool.key)


def as_table(report: TextReport, wrap: Callable[[str, str], Sequence[str]]) -> str:
    """The report as lines for a terminal or a text file; `wrap` wraps the text after a bullet."""
    return "\n".join(_table(report, wrap)) + "\n"


def _table(report: TextReport, wrap: Callable[[str, str], Sequence[str]]) -> Iterator[str]:
    yield from wrap(safe(report.title), "")
    for notice in report.notices:
        yield from ("", *wrap(notice, ""))
    for pool in report.pools:
        yield from ("", *wrap(safe(f"{report.label(pool)} [{pool.key}]"), ""))
        for text in pool.texts:
            yield from wrap(safe(text), "- ")


def _csv(report: TextReport) -> str:
    """CSV with one row for each answer (RFC 4180), safe to open in a spreadsheet program."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("item", "label", "text", "notice", "synthetic"))
    whole = (cell_text(_(NOTICE)), str(report.synthetic).lower())
    for pool in report.pools:
        label = cell_text(report.label(pool))
        writer.writerows((pool.key, label, cell_text(text), *whole) for text in pool.texts)
    return out.getvalue()


def _json(report: TextReport) -> str:
    shape = {
        "format": FORMAT,
        "questionnaire": {
            "id": report.questionnaire.id,
            "version": report.questionnaire.version,
        },
        "synthetic": report.synthetic,
        "notice": _(NOTICE),
        "items": [
            {
                "item": pool.key,
                "label": safe(report.label(pool)),
                "texts": list(map(safe, pool.texts)),
            }
            for pool in report.pools
        ],
    }
    return json.dumps(shape, ensure_ascii=False, indent=2) + "\n"


def _markdown(report: TextReport) -> str:
    blocks = [f"# {escaped(safe(report.title))}"]
    blocks += [f"**{escaped(notice)}**" for notice in report.notices]
    for pool in report.pools:
        blocks.append(f"## {escaped(safe(report.label(pool)))}")
        blocks.append("\n".join(f"- {escaped(safe(text))}" for text in pool.texts))
    return "\n\n".join(blocks) + "\n"


def _html(report: TextReport) -> str:
    from microcred_cli.summary.formats.pages import page

    return page("interchange/texts.html.jinja").render(report=report, language=spoken(), safe=safe)


FORMATS: Final[Mapping[str, Callable[[TextReport], str]]] = {
    "csv": _csv,
    "html": _html,
    "markdown": _markdown,
    "json": _json,
}
"""All file formats except the table."""
