# Every command of the project. CI runs `just test`; `just test-full` comes before a release.

# Build and start the registry.
run *ARGS:
    cargo run --release --bin berth -- {{ARGS}}

# Everything that CI checks. Installs what it needs.
test:
    tests/run

# `test` and the heavy variants: layers of several gigabytes, long fault runs.
test-full:
    tests/run --full

# Formatting, lints, documentation.
check:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps

# Template, infra scripts and edge code: lints, and whether the template carries the edge code as it is.
infra:
    infra/check

# The functions as they are shipped: `.berth/package/*.zip`, which template.yaml names.
package:
    infra/package

# The production stack on this machine, in MiniStack.
ministack *ARGS:
    cargo build --release --bins
    localstack/ministack/up {{ARGS}}

# Check a deployed registry from outside (docs/operations.md): just verify-aws https://HOST --password-stdin < FILE
verify-aws URL *ARGS:
    infra/verify-aws {{URL}} {{ARGS}}

# Compute docs/costs.md from the request budget and infra/prices.json.
costs:
    infra/cost --write

# The production stack in LocalStack. Needs Docker and LOCALSTACK_AUTH_TOKEN.
localstack:
    cargo build --release --bins
    localstack/localstack/start
    localstack/localstack/deploy

# Licences and duplicate dependencies.
deny:
    cargo deny --all-features check bans licenses sources

# The tests of one package, without clients.
unit PACKAGE:
    cargo test --release -p {{PACKAGE}}

# The official conformance suite of another version than the pinned one, for machines that can fetch it.
conformance REF="main":
    tests/conformance/newest {{REF}}

# Compare with other registries. Writes docs/benchmarks.md.
bench:
    tests/tools/install-peers.sh
    cargo run --release --bin bench -- --write

# Fuzz the parser or the manifest reader (see fuzz/README.md).
fuzz TARGET="parse":
    cd fuzz && cargo fuzz run {{TARGET}}
