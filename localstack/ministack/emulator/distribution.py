"""The door between MiniStack and the front (../front): what is deployed, and requests that CloudFront signs.

`GET /_berth/distributions` answers the distributions of the account as JSON, with the code of their functions and the contents of
the key-value stores. A request to S3 with the header `x-berth-oac: <token> <ARN of the distribution>` counts as one that CloudFront
signed for its origin access control: the bucket policy decides about the service principal with that aws:SourceArn.
"""

import json
import os

import ministack.app as app
import ministack.services.cloudfront as cloudfront
import ministack.services.cloudfront_keyvaluestore as key_values
import ministack.services.s3 as s3
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_region

from .patching import PatchError, wrap

# Functions inherit the environment: the token must not reach them.
TOKEN = os.environ.pop("BERTH_FRONT_TOKEN")

for owner, names in (
    (cloudfront, ("parse_distribution_dataplane_config", "live_function_code", "cache_policy_params",
                  "origin_request_policy_config", "_function_view")),
    (s3, ("_bucket_policies", "_buckets")),
    (key_values, ("_stores",)),
):
    for name in names:
        if not hasattr(owner, name):
            raise PatchError(f"MiniStack has no {owner.__name__}.{name}: check the pinned version")


@wrap(app, "_handle_health_request")
def _health(original, path, request_id):
    if path == "/_berth/distributions":
        body = json.dumps([_distribution(item) for item in cloudfront._distributions.values()]).encode()
        return 200, {"Content-Type": "application/json"}, body
    return original(path, request_id)


def _distribution(distribution):
    config = cloudfront.parse_distribution_dataplane_config(distribution)
    behaviors = [config["default_behavior"], *config["ordered_behaviors"]]
    arns = {arn for behavior in behaviors for arn in behavior["functions"].values()}
    return {
        "id": distribution["Id"],
        "arn": distribution["ARN"],
        "domain": distribution["DomainName"],
        **config,
        "functions": {arn: _function(arn) for arn in sorted(arns)},
        "cache_policies": {id: cloudfront.cache_policy_params(id) for id in _ids(behaviors, "cache_policy_id")},
        "origin_request_policies": {
            id: cloudfront.origin_request_policy_config(id) for id in _ids(behaviors, "origin_request_policy_id")
        },
    }


def _ids(behaviors, field):
    return sorted({behavior[field] for behavior in behaviors if behavior[field]})


def _function(arn):
    code = cloudfront.live_function_code(arn)
    function = cloudfront._functions.get(arn.rsplit("/", 1)[-1]) or {}
    stores = [key_values._stores.get(store) or {"items": {}} for store in function.get("kvs_arns", [])]
    return {
        "code": code.decode() if isinstance(code, bytes) else code,
        "runtime": function.get("runtime"),
        "key_values": stores[0]["items"] if stores else None,
    }


@wrap(s3, "_foreign_bucket_allows")
def _allows(original, owner, bucket, key, method, query_params, caller, headers=None):
    token, _, source_arn = (headers or {}).get("x-berth-oac", "").partition(" ")
    if caller or not source_arn or token != TOKEN:
        return original(owner, bucket, key, method, query_params, caller, headers)
    if method in ("GET", "HEAD"):
        action, absent = "s3:GetObject", key not in s3._buckets.get_scoped(owner, None, bucket)["objects"]
        # Whoever may not list a bucket learns nothing about absent keys: 403, not 404.
        if absent and not _service_may(owner, bucket, "s3:ListBucket", bucket, source_arn):
            return False
    else:
        action = {"PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}.get(method, f"s3:{method}")
    return _service_may(owner, bucket, action, f"{bucket}/{key}", source_arn)


def _service_may(owner, bucket, action, resource, source_arn):
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    context = EvalContext(
        principal_arn="*", principal_type="Service", principal_account="", action=action, region=get_region(),
        resource_arn=f"arn:aws:s3:::{resource}", service_context={"aws:sourcearn": source_arn},
    )
    return bool(policy) and evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com").decision == "Allow"
