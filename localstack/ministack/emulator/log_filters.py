"""Subscription filters on a field of JSON: `{ $.field = "text" }`. MiniStack looks for words, and would find `.field` in no line."""

import json
import re

import ministack.services.cloudwatch_logs as logs

from .patching import wrap

FIELD = re.compile(r'\s*\{\s*\$\.(\w+)\s*=\s*"([^"]*)"\s*\}\s*')


@wrap(logs, "_subscription_pattern_matches")
def _matches(original, pattern, message):
    field = FIELD.fullmatch(pattern or "")
    if not field:
        return original(pattern, message)
    try:
        line = json.loads(message or "")
    except ValueError:
        return False
    return isinstance(line, dict) and line.get(field[1]) == field[2]
