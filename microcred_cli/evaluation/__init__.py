"""Computation of figures from sealed responses, which connects the store and the summary.

The store seals responses and stores counts without interpreting them; the summary protects counts
from any source. A *method* connects the store and the summary: it counts responses, and computes
figures from the counts. The *figures* of a folder are the results of its last seal. The *times* of
a pilot are stored next to the responses, and sealed as sums for each item.

An *engine* counts many responses at a time, from *column files*. The module `columns` defines the
columns for a questionnaire, `column_files` writes the files, and `expression` adds up the columns
on any engine.
"""
