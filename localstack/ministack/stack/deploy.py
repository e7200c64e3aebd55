"""Deploys the production template, unchanged but for where the functions' code lies."""

import io
import json
import pathlib
import zipfile

import boto3
from awscli.customizations.cloudformation.yamlhelper import yaml_parse
from botocore.config import Config

from .processes import Failure
from .services import CREDENTIALS, REGION

ROOT = pathlib.Path(__file__).resolve().parents[3]
ARTIFACTS = "berth-artifacts"
SERVERLESS_FUNCTION = "AWS::Serverless::Function"


class Deployment:
    def __init__(self, endpoint, name="berth"):
        self.endpoint = endpoint
        self.name = name

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def create(self, template, binaries, parameters, without=()):
        """`template` is a path, `binaries` a folder with the functions' programs, `without` pairs of role and action."""
        template = yaml_parse(pathlib.Path(template).read_text(encoding="utf-8"))
        for role, action in without:
            take_action(template, role, action)
        s3 = self.client("s3")
        s3.create_bucket(Bucket=ARTIFACTS)
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] == SERVERLESS_FUNCTION:
                program = binaries / program_of(resource, logical_id)
                if not program.is_file():
                    raise Failure(f"{program} is missing, which {logical_id} needs: run `cargo build --release --bins`")
                s3.put_object(Bucket=ARTIFACTS, Key=f"{logical_id}.zip", Body=zipped(program))
                resource["Properties"]["CodeUri"] = {"Bucket": ARTIFACTS, "Key": f"{logical_id}.zip"}
        unknown = parameters.keys() - template.get("Parameters", {}).keys()
        if unknown:
            raise Failure(f"the template has no parameter {', '.join(sorted(unknown))}")
        cloudformation = self.client("cloudformation")
        # CreateStack takes no more than 51,200 bytes by value; deployment tools put the template into a bucket as well.
        s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(template, default=str).encode())
        cloudformation.create_stack(
            StackName=self.name, TemplateURL=f"{self.endpoint}/{ARTIFACTS}/template.json",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"], OnFailure="DO_NOTHING",
        )
        self._wait(cloudformation)

    def _wait(self, cloudformation):
        waiter = cloudformation.get_waiter("stack_create_complete")
        try:
            waiter.wait(StackName=self.name, WaiterConfig={"Delay": 0.2, "MaxAttempts": 300})
        except Exception as error:
            events = cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
            reasons = [f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}" for event in events
                       if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")]
            raise Failure("the stack could not be created: " + ("; ".join(reasons) or str(error))) from error

    def resources(self, resource_type):
        """Physical ids of the stack's resources of a type, by logical id."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [item for page in pages for item in page["StackResourceSummaries"] if item["ResourceType"] == resource_type]
        return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}

    def outputs(self):
        stack = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}

    def function_settings(self, logical_id):
        name = self.resources("AWS::Lambda::Function")[logical_id]
        return self.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]


def take_action(template, role, action):
    """Takes the action from the role wherever it stands there."""
    policies = template["Resources"].get(role, {}).get("Properties", {}).get("Policies", [])
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    holding = [statement for statement in statements if action in as_list(statement["Action"])]
    if not holding:
        raise Failure(f"{role} has no action {action}")
    for statement in holding:
        # An empty list is no valid policy, so that what is left is an action that does not exist.
        statement["Action"] = [known for known in as_list(statement["Action"]) if known != action] or ["none:None"]


def as_list(value):
    return value if isinstance(value, list) else [value]


def program_of(resource, logical_id):
    """`infra/package` names each archive after the cargo binary that is in it."""
    code = resource["Properties"].get("CodeUri")
    if not isinstance(code, str):
        raise Failure(f"{logical_id} has no CodeUri that names its program")
    return pathlib.PurePosixPath(code).stem


def zipped(program):
    """Speed counts here, size does not."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, program.read_bytes())
    return data.getvalue()
