"""The audit: decides which tables are rounded to 10 or withheld, so that no answer is revealed.

`suppression` decides on each statement, first by `intervals`, then by a `witness` found from its
`dataset`; `decoys` are drawn at random, and `differencing` compares with the previous figures.
"""
