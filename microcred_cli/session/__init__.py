"""Runs interviews, connecting the commands and the terminal.

A *session* conducts one interview: it asks questions on a *screen*, saves the *draft* after every
answer, and at the end stores the response, deletes the draft and shows the *receipt*. An interview
is new (`begin`), resumed by its code (`codes`) from the draft of a paused interview (`resume`), or
read from a file of answers (`answers_file`). A *contact* is one attempt to interview a case; its
outcome is recorded in the case log. A *series* offers the cases that are due, one after the other
(`series`). In *training*, the cases are invented. *Choices* are the command-line options. If a
write fails, answers stay in memory, and the user is asked what to do (`draft_keeper`).

Functions that read or write files can raise `StoreError`; an invalid option raises `UsageError`.
"""
