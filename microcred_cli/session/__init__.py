"""An interview under way, between the commands and the terminal.

A *session* conducts one interview: it asks on a *screen*, keeps the *draft* after every answer, and
at the end stores the response, deletes the draft and shows the *receipt*. An interview is *begun*
(new), *resumed* (paused before, restored from its draft), or taken from a *file of answers*. A
*contact* is one attempt to interview a case: it records in the case log how the attempt went.
*Choices* are the options that a person typed. If the disk refuses a write, that is *save trouble*:
the person chooses what to do, and answers stay in memory until then.

Any function that reads or writes here may raise `StoreError`, and a wrong option `UsageError`.
"""
