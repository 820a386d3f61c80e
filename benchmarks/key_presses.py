"""Count the keys that a respondent and an interviewer press for the same answers, on each route.

The keys are pressed at the real prompts, in this process, and must lead to the same answers. Lists
that are read out are answered option by option: yes or no to each, up to the last yes. Keys are
counted from the first question to the review, without texts; medians over random answers.

    python -m benchmarks.key_presses

A second table has the keys that an interviewer presses from hanging up to the first words of the
next case; `tests/terminal/test_series_pages.py` presses them.
"""

from __future__ import annotations

import statistics

from microcred_cli.questionnaire.loading import load
from tests.pty.walker import ROUTES
from tests.terminal.key_presses import (
    TO_THE_NEXT,
    answer_all,
    keys_alone,
    keys_aloud,
    play_alone,
    play_aloud,
)

COUNTED, PLAYED = range(100), range(1)


def main() -> None:
    """Print the tables in docs/interviewing.md."""
    questionnaire = load("mc_employers").questionnaire
    print("| route | questions | alone | interviewer |")
    print("| --- | --- | --- | --- |")
    for name, route in ROUTES.items():
        alone = [answer_all(questionnaire, route, seed, "self") for seed in COUNTED]
        read = [answer_all(questionnaire, route, seed, "phone") for seed in COUNTED]
        for seed in PLAYED:
            for played in (
                play_alone(questionnaire, seed, [*keys_alone(alone[seed])]),
                play_aloud(questionnaire, seed, [*keys_aloud(read[seed])]),
            ):
                if played.result.interview.given != alone[seed].interview.given:
                    raise SystemExit(f"{name}: the keys do not give these answers.")
        by_alone = statistics.median(sum(1 for _ in keys_alone(each)) for each in alone)
        by_read = statistics.median(sum(1 for _ in keys_aloud(each)) for each in read)
        asked = len({step.item.id for step, _ in alone[0].said})
        print(
            f"| {name.replace('-', ', ')} | {asked} | {by_alone:.0f} | {by_read:.0f} |", flush=True
        )
    print("\n| outcome | keys |\n| --- | --- |")
    for name, (_before, keys) in TO_THE_NEXT.items():
        print(f"| {name} | {len(keys)} |")


if __name__ == "__main__":
    main()
