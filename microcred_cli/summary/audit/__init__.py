"""The audit decides which tables are rounded to tens or withheld, to protect individual answers.

`suppression` decides on each statement, first by means of `intervals`, then by searching for a
`witness`, starting from the true `dataset`. `decoys` are drawn at random, and `differencing`
compares new figures with the previous figures.
"""
