"""Cases of a survey round: the sample, contact dispositions, outcome rates, and the case log.

A *case* is one organisation in the sample; the study assigns its *label*, which is never a name,
and its *stratum*. A *contact* is an attempt to reach the organisation. The *disposition* or
*outcome* of a contact is *final* if it closes the case, and *interim* if further attempts follow.
At any time, a case is counted under exactly one final outcome. The eight *groups* of final outcomes
are those of AAPOR's Standard Definitions (I, P, R, NC, O, UH, UO, NE). *e* is the share of cases of
unknown eligibility that are assumed to be eligible.

An open case is *due* if it should be called now; the *rule* is the reason why the case is or is not
due. A *hard* appointment has a date and a time of day; a *soft* one has only a date.

Any function that reads or writes the log may raise a `StoreError`.
"""
