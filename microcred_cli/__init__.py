"""microcred: an interactive questionnaire for the terminal.

The package reads from the inside out: `questionnaire` is what is asked, `interview` where one is,
`store` what is kept, `terminal` and `cli` the edge.
"""

__version__ = "0.1.0"
