"""The checks, in the order in which they run. Ids and titles are those of the table in docs/operations.md.

A check passes by returning; what it returns is said beside `ok`. `Failed` and `NotChecked` say why. A check that needs others
is not made when one of them did not pass.
"""

from . import uploads, content  # noqa: F401  in this order
from .world import CHECKS, World

__all__ = ["CHECKS", "World"]
