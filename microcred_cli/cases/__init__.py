"""Cases of a fieldwork: dispositions of contacts, outcome rates, and the log."""
