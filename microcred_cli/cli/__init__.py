"""The commands: they read options, wire the layers together, and exit."""
