# What the scripts beside this file share; sourced by them. Reads one deployed stack and its secrets.
# Needs the aws CLI with credentials and a region, and jq. Secrets go through pipes and one private file: never into
# arguments, which other users of the machine can see, and never to the screen.

program=$(basename "$0")

say() { printf '%s: %s\n' "$program" "$*" >&2; }
die() { say "$@"; exit 1; }

for tool in aws jq; do
    command -v "$tool" >/dev/null || die "$tool is missing: install it and run again"
done

# read_stack NAME: must come before the two below.
read_stack() {
    stack=$1
    stack_json=$(aws cloudformation describe-stacks --stack-name "$stack" --output json) ||
        die "the stack $stack could not be read: is it deployed, and are credentials and region those it was deployed with?"
}

# output NAME, parameter NAME: a value of the stack; empty if it has none.
output() { jq -r --arg name "$1" '.Stacks[0].Outputs[]? | select(.OutputKey == $name).OutputValue' <<<"$stack_json"; }
parameter() {
    jq -r --arg name "$1" '.Stacks[0].Parameters[]? | select(.ParameterKey == $name).ParameterValue' <<<"$stack_json"
}

# required_output NAME: an output that every stack of template.yaml has.
required_output() {
    local value
    value=$(output "$1")
    [ -n "$value" ] || die "the stack $stack has no output $1: it is no stack of template.yaml, or its deployment is not complete"
    printf '%s' "$value"
}

# get_secret ARN: its JSON on stdout.
get_secret() { aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text; }

# call_aws SERVICE OPERATION: the call with the JSON on stdin as its parameters. The CLI may read them twice, so a file it is.
call_aws() {
    local status=0
    input=$(mktemp)
    trap 'rm -f "$input"' EXIT
    cat >"$input"
    aws "$@" --cli-input-json "file://$input" >/dev/null || status=$?
    rm -f "$input"
    return "$status"
}

# put_secret ARN: makes the JSON on stdin its value.
put_secret() { jq -c --arg arn "$1" '{SecretId: $arn, SecretString: tojson}' | call_aws secretsmanager put-secret-value; }
