"""Cases of a fieldwork: dispositions of contacts, outcome rates, and the case log.

A *case* is one organisation of the sample; its *label* is given by the study and is never a name. A
*contact* is an attempt to reach it. The *disposition* or *outcome* of a contact is *final* if it
closes the case, and *interim* if the case is tried again. A case *counts under* one final outcome
at any time, and final outcomes fall into the eight *groups* of AAPOR's Standard Definitions (I, P,
R, NC, O, UH, UO, NE). A case *belongs* if it is eligible for the survey. *e* is the share of the
cases of unknown eligibility that is assumed to belong.

Any function that reads or writes the log may raise a `StoreError`.
"""
