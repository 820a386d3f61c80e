"""Computation of figures from sealed responses, which connects the store and the summary.

The store seals responses and stores counts of any kind; the summary protects counts from any
source. A *method* connects the two: it counts responses, and computes figures from the counts. The
*figures* of a folder are those of its last seal. The *times* of a pilot wait in files next to the
responses, and are sealed as sums for each item.
"""
