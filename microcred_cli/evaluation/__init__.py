"""Sealed responses turned into figures: where the store and the summary meet.

The store seals responses and keeps counts without knowing what is counted; the summary protects
counts without knowing where they are kept. A *method* joins them: how to count, and what to make of
the counts. The *figures* of a folder are those of its last seal.
"""
