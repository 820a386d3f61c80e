"""The audit: what of the exact tables can be published without giving anybody away."""
