"""What S3 says of an absent object to a role that may not list the bucket: 403 and not 404."""

import ministack.core.iam_actions as actions
import ministack.services.s3 as s3

from .patching import PatchError, wrap

if not hasattr(s3, "_buckets"):
    raise PatchError("MiniStack has no ministack.services.s3._buckets: check the pinned version")


@wrap(actions, "s3_additional_checks")
def _checks(original, method, path, headers, body, query_params):
    """Reading an absent object needs s3:ListBucket too. Nobody is told which it was that is missing."""
    checks = original(method, path, headers, body, query_params)
    bucket, _, key = path.strip("/").partition("/")
    if method in ("GET", "HEAD") and key and key not in s3._buckets.get(bucket, {}).get("objects", {}):
        return [*checks, ("s3:ListBucket", f"arn:aws:s3:::{bucket}")]
    return checks
