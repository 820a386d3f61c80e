"""Sealed responses turned into figures: where the store and the summary meet.

The store seals responses and keeps counts without depending on what is counted; the summary
protects counts without depending on where they are kept. A *method* joins them: it counts, and
makes figures from the counts. The *figures* of a folder are those of its last seal.
"""
