"""MiniStack with the adjustments that a registry and a faithful deploy test need. See ../README.md."""
