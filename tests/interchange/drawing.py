"""Random answers to every item on a route, and their form in other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microcred_cli.questionnaire.conditions import holds
from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Open, Ranking
from microcred_cli.questionnaire.values import NOT_ASKED

if TYPE_CHECKING:
    from random import Random

    from microcred_cli.questionnaire.models import Item, Questionnaire

Drawn = dict[str, Any]


def drawn(questionnaire: Questionnaire, random: Random) -> tuple[Drawn, list[str]]:
    """Answers to the items on a route, a few of them empty, and the ids of the items asked."""
    known: Drawn = {}
    asked: list[str] = []
    for item in questionnaire.items:
        if not holds(item.asked_if, known, questionnaire):
            known[item.id] = NOT_ASKED
            continue
        asked.append(item.id)
        known[item.id] = answer = _answer(questionnaire, item, random)
        ends = {option.code for option in questionnaire.options(item) if option.ends}
        if isinstance(answer, str) and answer in ends:
            break
    return {k: v for k, v in known.items() if v not in (NOT_ASKED, "blank")}, asked


def _answer(questionnaire: Questionnaire, item: Item, random: Random) -> Any:
    options = questionnaire.options(item)
    codes = [option.code for option in options]
    if item.required != "hard" and random.random() < 0.1:
        return {row.code: "blank" for row in item.rows} if isinstance(item, Matrix) else "blank"
    if item.missing and random.random() < 0.15 and not isinstance(item, Matrix):
        return random.choice(item.missing)
    if isinstance(item, Integer):
        return random.randint(item.minimum, item.maximum)
    if isinstance(item, Open):
        return "given"
    if isinstance(item, Matrix):
        return {row.code: random.choice([*codes, *item.missing]) for row in item.rows}
    if isinstance(item, Ranking):
        alone = [option.code for option in options if option.exclusive]
        if alone and random.random() < 0.2:
            return (random.choice(alone),)
        loose = [code for code in codes if code not in alone]
        return tuple(random.sample(loose, random.randint(1, min(item.ranks, len(loose)))))
    if isinstance(item, Multiple):
        alone = [option.code for option in options if option.exclusive]
        if alone and random.random() < 0.2:
            return (random.choice(alone),)
        loose = [code for code in codes if code not in alone]
        most = min(item.at_most or len(loose), len(loose))
        return tuple(random.sample(loose, random.randint(1, most)))
    ends = [option.code for option in options if option.ends]
    return random.choice(ends if ends and random.random() < 0.05 else codes)


def in_surveyjs(questionnaire: Questionnaire, answers: Drawn) -> Drawn:
    """Answers as data of a SurveyJS form."""
    data: Drawn = {}
    for item_id, answer in answers.items():
        item = questionnaire.by_id[item_id]
        is_missing = isinstance(answer, str) and answer in item.missing
        if is_missing and isinstance(item, Integer | Ranking | Open):
            data[f"{item_id}__missing"] = answer
        elif isinstance(item, Matrix):
            data[item_id] = {row: code for row, code in answer.items() if code != "blank"}
        elif isinstance(item, Multiple):
            data[item_id] = [answer] if is_missing else list(answer)
        else:
            data[item_id] = list(answer) if isinstance(answer, tuple) else answer
    return data


def in_odk(questionnaire: Questionnaire, answers: Drawn) -> Drawn:
    """Answers as values of the nodes of an XForm."""
    data: Drawn = {}
    for item_id, answer in answers.items():
        item = questionnaire.by_id[item_id]
        is_missing = isinstance(answer, str) and answer in item.missing
        if is_missing and isinstance(item, Integer | Open):
            data[f"{item_id}__missing"] = answer
        elif isinstance(item, Ranking):
            ranked = (answer,) if is_missing else answer
            data |= {f"{item_id}__{rank}": code for rank, code in enumerate(ranked, 1)}
        elif isinstance(item, Matrix):
            rows = {f"{item_id}__{row}": code for row, code in answer.items()}
            data |= {row: code for row, code in rows.items() if code != "blank"}
        elif isinstance(item, Multiple):
            data[item_id] = [answer] if is_missing else list(answer)
        else:
            data[item_id] = answer
    return data
