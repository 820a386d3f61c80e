"""The edge: how questions are asked on a screen, with prompts or in plain lines."""
