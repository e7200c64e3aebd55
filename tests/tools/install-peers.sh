#!/bin/sh
# Installs the registries that the benchmark compares with. Not needed for the tests. zot's modules are refused by the
# module proxy where this was written; put a `zot` into PATH to have it measured.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dpkg-query -W -f '${Status}' docker-registry 2>/dev/null | grep -q 'install ok installed' ||
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends docker-registry
mkdir -p "$root/.tools/bin"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init peers
GOFLAGS=-mod=mod go get github.com/distribution/distribution/v3/cmd/registry@v3.1.2
GOFLAGS=-mod=mod go build -o "$root/.tools/bin/registry" github.com/distribution/distribution/v3/cmd/registry
