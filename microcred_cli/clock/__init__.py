"""The clock: time zones, and dates formatted for each language.

A *moment* is a point in time in UTC. A *wall time* is the local time in a time zone, without a UTC
offset. A zone is identified by its IANA name, such as Europe/Berlin; None means the time zone of
this machine.
"""
