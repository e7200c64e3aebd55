"""Properties that MiniStack's CloudFormation accepts and forgets."""

import string
from xml.sax.saxutils import escape

import ministack.services.cloudformation.provisioners as provisioners
import ministack.services.dynamodb as dynamodb
import ministack.services.lambda_svc as functions
import ministack.services.s3 as s3

from .patching import PatchError, after_provisioning, wrap

HANDLERS = provisioners._RESOURCE_HANDLERS

for owner, name in ((dynamodb, "_update_ttl"), (dynamodb, "_update_continuous_backups"), (s3, "_put_bucket_lifecycle")):
    if not callable(getattr(owner, name, None)):
        raise PatchError(f"MiniStack has no function {owner.__name__}.{name}: check the pinned version")


def _is_true(value):
    return str(value).lower() == "true"


def _accepted(answer, what):
    status, _, body = answer
    if status >= 300:
        raise ValueError(f"{what}: {body.decode()}")


@after_provisioning(HANDLERS, "AWS::DynamoDB::Table")
def _table(name, properties):
    ttl = properties.get("TimeToLiveSpecification")
    if ttl:
        specification = {**ttl, "Enabled": _is_true(ttl.get("Enabled"))}
        _accepted(dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": specification}), "TTL")
    recovery = properties.get("PointInTimeRecoverySpecification")
    if recovery:
        enabled = _is_true(recovery.get("PointInTimeRecoveryEnabled"))
        specification = {"PointInTimeRecoveryEnabled": enabled}
        _accepted(dynamodb._update_continuous_backups(
            {"TableName": name, "PointInTimeRecoverySpecification": specification}), "point-in-time recovery")


@after_provisioning(HANDLERS, "AWS::Lambda::Function")
def _function(name, properties):
    function = functions._functions[name]
    if properties.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = properties["DeadLetterConfig"]
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = int(reserved) if reserved not in (None, "") else None


@after_provisioning(HANDLERS, "AWS::S3::Bucket")
def _bucket(name, properties):
    rules = (properties.get("LifecycleConfiguration") or {}).get("Rules")
    if rules:
        document = "<LifecycleConfiguration>" + "".join(map(_lifecycle_rule, rules)) + "</LifecycleConfiguration>"
        _accepted(s3._put_bucket_lifecycle(name, document.encode()), "lifecycle")


# CloudFormation's name of an action: its place in the document of the S3 API.
LIFECYCLE_ACTIONS = {
    "ExpirationInDays": "<Expiration><Days>{}</Days></Expiration>",
    "ExpiredObjectDeleteMarker": "<Expiration><ExpiredObjectDeleteMarker>{}</ExpiredObjectDeleteMarker></Expiration>",
    "AbortIncompleteMultipartUpload":
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>{}</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
    "NoncurrentVersionExpiration":
        "<NoncurrentVersionExpiration><NoncurrentDays>{}</NoncurrentDays></NoncurrentVersionExpiration>",
}


def _lifecycle_rule(rule):
    parts = []
    for name, value in rule.items():
        if name in ("Id", "Status", "Prefix"):
            continue
        if name not in LIFECYCLE_ACTIONS:
            raise ValueError(f"lifecycle property {name} is not known to localstack/ministack/emulator/provisioning.py")
        if isinstance(value, dict):
            (value,) = value.values()
        parts.append(LIFECYCLE_ACTIONS[name].format(escape(str(value).lower())))
    prefix = f"<Filter><Prefix>{escape(rule.get('Prefix', ''))}</Prefix></Filter>"
    identity = f"<ID>{escape(rule['Id'])}</ID>" if rule.get("Id") else ""
    return f"<Rule>{identity}{prefix}<Status>{rule['Status']}</Status>{''.join(parts)}</Rule>"


@wrap(provisioners, "_sm_secret_string")
def _secret(original, properties):
    """A generated secret without punctuation, where the template asks for that."""
    generate = properties.get("GenerateSecretString")
    if generate and _is_true(generate.get("ExcludePunctuation")):
        excluded = generate.get("ExcludeCharacters", "") + string.punctuation
        properties = {**properties, "GenerateSecretString": {**generate, "ExcludeCharacters": excluded}}
    return original(properties)
