"""The audit: which tables are rounded to 10 or withheld, so that no answer is given away.

`suppression` decides on each statement, by `intervals` first, then by a `witness` of its `dataset`;
`decoys` are drawn, and `differencing` looks at the previous figures.
"""
