"""The people of each profile: those who are in the same class of every breakdown.

People are counted by combinations of groups or, if too many are possible, by combinations of
classes of groups that are alike (`counts`). If combinations of classes were counted, the classes of
an item may be finer than these combinations. The people of a combination are then distributed among
the finer classes, so that each class has its true number of people with each answer. The result is
another possible data set, because the groups are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.summary.counts import BASE, joint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.summary.audit.marginals import People, Profile
    from microcred_cli.summary.audit.partitions import Partition
    from microcred_cli.summary.counts import Combination
    from microcred_cli.summary.tabulation import Tabulation

Pool = dict[tuple[int, str], list[list[int]]]
"""For each answer and class of alike groups, the finer classes, each with its number of people."""


class Profiles:
    """The possible profiles, and the people who were counted together.

    `classes` contains the class of each code of a breakdown, by the index of the breakdown.
    """

    def __init__(self, whole: Tabulation, classes: Mapping[int, Mapping[str, int]]) -> None:
        self._is_split = whole.layout.is_split
        counts, firsts = whole.counts, whole.layout.plan.occurrences.profiles(classes)
        rows: dict[Combination | Profile, list[list[int]]] = {}
        sizes: dict[Combination | Profile, int] = {}
        for groups in joint(counts.by_groups):
            own = tuple(kinds[groups[place]] for place, kinds in classes.items())
            firsts[own] = min(firsts.get(own, groups), groups)
            key = tuple(groups[place] for place in classes) if self._is_split else own
            rows.setdefault(key, []).append(counts.by_groups[groups])
            sizes[key] = sizes.get(key, 0) + counts.sizes[groups]
        self._possible = sorted(firsts, key=firsts.__getitem__)
        self._tables = {
            key: [{BASE: sizes[key]}, *whole.layout.tables_of(found)] for key, found in rows.items()
        }
        names = [breakdown.id for breakdown in whole.layout.plan.breakdowns]
        class_of = whole.layout.plan.occurrences.class_of
        self._finer = [
            {kind: class_of(names[place], code) for code, kind in kinds.items()}
            for place, kinds in classes.items()
        ]

    def people(self, partition: Partition, by_class: Sequence[Mapping[int, list[int]]]) -> People:
        """The counts of each answer for people of each possible profile.

        `by_class` contains these counts for the classes of each breakdown.
        """
        found: People = {(0, *own): [0] * (partition.not_asked + 1) for own in self._possible}
        pools = [self._pool(*each) for each in zip(self._finer, by_class, strict=True)]
        for key in sorted(self._tables) if self._is_split else self._tables:
            size, *tables = self._tables[key]
            counts = partition.counts(tables, size[BASE])
            if not self._is_split:
                found[0, *key] = counts
                continue
            for answer, count in enumerate(counts):
                own = [pool[answer, str(kind)] for pool, kind in zip(pools, key, strict=True)]
                for profile, many in _taken(own, count):
                    found.setdefault((0, *profile), [0] * len(counts))[answer] += many
        return found

    def _pool(self, finer: Mapping[int, str], by_class: Mapping[int, list[int]]) -> Pool:
        pool: Pool = {}
        for kind, counts in by_class.items():
            for answer, count in enumerate(counts):
                pool.setdefault((answer, finer[kind]), []).append([kind, count])
        return pool


def _taken(pools: Sequence[list[list[int]]], count: int) -> Iterator[tuple[Profile, int]]:
    """Take people out of the pools, one from each pool for each person."""
    while count:
        for pool in pools:
            while not pool[0][1]:
                pool.pop(0)
        many = min(count, *(pool[0][1] for pool in pools)) if pools else count
        for pool in pools:
            pool[0][1] -= many
        count -= many
        yield tuple(pool[0][0] for pool in pools), many
