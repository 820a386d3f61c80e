"""The audit of a seal.

`suppression` decides on each statement, by `intervals` first, then by a `witness` of its `dataset`;
`decoys` are drawn, and `differencing` looks at the previous figures.
"""
