"""The settings of a survey round, and the background that they complete."""
