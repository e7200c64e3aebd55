"""The production stack on one machine: `../up`. See ../README.md."""
