"""The clock: time zones, and dates as each language writes them.

A *moment* is in UTC. A *wall time* is what clocks show in a time zone, without its offset. A zone
is an IANA name such as Europe/Berlin, or None for the zone of this machine.
"""
