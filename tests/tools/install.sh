#!/bin/sh
# Installs the clients that the tests drive: engines from Debian, pinned Go tools into .tools/bin.
# Safe to run again: whatever is there at the right version is left alone. Needs root for the Debian part only.
# `install.sh ministack` installs the AWS emulator alone.
# BERTH_TOOLS_CACHE, when set, is a folder where built Go tools are kept between machines.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
bin="$root/.tools/bin"
cache="${BERTH_TOOLS_CACHE:-$root/.tools/cache}"
mkdir -p "$bin" "$cache"

say() { echo "tools: $*"; }

# --- Debian ---------------------------------------------------------------------------------------

# What the emulator and its front run on; a machine may have its own of both.
wanted=""
command -v node >/dev/null 2>&1 || wanted="$wanted nodejs npm"
python3 -c 'import ensurepip' 2>/dev/null || wanted="$wanted python3 python3-venv"
[ "${1:-}" = ministack ] ||
    wanted="$wanted docker.io containerd podman buildah skopeo runc crun fuse-overlayfs slapd ldap-utils jq curl binutils openssl zip unzip"

missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    say "installing$missing"
    # Nothing may start a daemon behind the tests' back: each test run starts its own engines.
    printf '#!/bin/sh\nexit 101\n' >"$cache/policy-rc.d"
    chmod +x "$cache/policy-rc.d"
    [ -e /usr/sbin/policy-rc.d ] || { cp "$cache/policy-rc.d" /usr/sbin/policy-rc.d; added_policy=1; }
    apt-get -qq update
    # shellcheck disable=SC2086 # The list is split on purpose.
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >"$cache/apt.log" 2>&1 ||
        { tail -n 20 "$cache/apt.log" >&2; exit 1; }
    [ -z "${added_policy:-}" ] || rm -f /usr/sbin/policy-rc.d
fi

# --- MiniStack ------------------------------------------------------------------------------------

# A virtual environment cannot be moved: it stays in the cache under a name that says what it holds, .tools/ministack points
# there. awscrt lets the AWS CLI sign for key-value stores. `localstack/ministack/emulator` is written for this very version.
install_ministack() {
    packages="ministack==1.5.33 aws-sam-translator==1.115.0 boto3==1.43.106 awscli==1.46.2 cryptography==50.0.2 awscrt==0.38.1"
    if [ "$(cat "$root/.tools/ministack/.packages" 2>/dev/null)" = "$packages" ]; then
        return
    fi
    environment="$cache/ministack-$(echo "$packages" | cksum | cut -d ' ' -f 1)"
    if [ ! -e "$environment/.packages" ]; then
        say "installing $packages"
        rm -rf "$environment"
        python3 -m venv "$environment"
        # shellcheck disable=SC2086 # The list is split on purpose.
        "$environment/bin/pip" install --quiet --disable-pip-version-check $packages
        echo "$packages" >"$environment/.packages"
    fi
    [ -L "$root/.tools/ministack" ] || rm -rf "$root/.tools/ministack"
    ln -sfn "$environment" "$root/.tools/ministack"
}

install_ministack
[ "${1:-}" != ministack ] || exit 0

# --- Clients of Harbor's REST API ----------------------------------------------------------------

requirements="$root/tests/harborapi/requirements.txt"
environment="$cache/harborapi-$(cksum <"$requirements" | cut -d ' ' -f 1)"
if [ ! -e "$environment/.complete" ]; then
    say "installing $(grep -v '^#' "$requirements" | tr '\n' ' ')"
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    touch "$environment/.complete"
fi
# Not a link: Python finds its environment beside the name that it is called by.
printf '#!/bin/sh\nexec "%s/bin/python" "$@"\n' "$environment" >"$bin/harborapi-python"
chmod +x "$bin/harborapi-python"

# --- An OpenID Connect provider -------------------------------------------------------------------

if command -v npm >/dev/null 2>&1; then
    environment="$cache/oidc-provider-$(cat "$root/tests/oidc/package.json" "$root/tests/oidc/package-lock.json" | cksum | cut -d ' ' -f 1)"
    if [ ! -e "$environment/.complete" ]; then
        say "installing the OpenID Connect provider of tests/oidc"
        rm -rf "$environment"
        mkdir -p "$environment"
        cp "$root/tests/oidc/package.json" "$root/tests/oidc/package-lock.json" "$environment"
        (cd "$environment" && npm ci --silent --no-audit --no-fund --ignore-scripts)
        touch "$environment/.complete"
    fi
    printf '#!/bin/sh\nexec node "%s/tests/oidc/provider.mjs" "%s"\n' "$root" "$environment" >"$bin/oidc-provider"
    chmod +x "$bin/oidc-provider"
else
    say "npm is missing: the OpenID Connect provider is not installed"
fi

# --- Go tools -------------------------------------------------------------------------------------

# The newest tool needs this toolchain; an older one would try to download another.
needed_go="1.24"
if ! command -v go >/dev/null 2>&1; then
    say "go is missing (need $needed_go or later): the Go clients and the conformance suite are not installed"
    exit 0
fi
have_go=$(go env GOVERSION | sed 's/^go//')
if [ "$(printf '%s\n%s\n' "$needed_go" "$have_go" | sort -V | head -n 1)" != "$needed_go" ]; then
    say "go $have_go is too old (need $needed_go or later): the Go clients and the conformance suite are not installed"
    exit 0
fi

# build NAME VERSION COMMAND...: runs COMMAND to make $work/NAME, unless the cache holds that version.
build() {
    name=$1 version=$2
    shift 2
    stamp="$bin/.$name.version"
    if [ -x "$bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ]; then
        return
    fi
    kept="$cache/$name-$version-$(go env GOOS)-$(go env GOARCH)"
    if [ ! -x "$kept" ]; then
        say "building $name $version"
        work=$(mktemp -d)
        if ! "$@" >"$cache/$name.log" 2>&1; then
            tail -n 20 "$cache/$name.log" >&2
            rm -rf "$work"
            say "$name $version could not be built"
            failed=1
            return
        fi
        mv "$work/$name" "$kept"
        rm -rf "$work"
    fi
    ln -f "$kept" "$bin/$name.new" 2>/dev/null || cp "$kept" "$bin/$name.new"
    mv "$bin/$name.new" "$bin/$name"
    echo "$version" >"$stamp"
}

# `go install` is enough where the module proxy lists the module's versions.
install_package() { GOBIN="$work" GOFLAGS=-mod=mod go install "$1@$2"; }

# The proxy refuses the version list of some modules, and others replace dependencies, which `go install` does not take.
# A module of our own that names the versions has neither trouble. More modules may follow the name of the program.
install_through_module() {
    package=$1 package_version=$2 program=$3
    shift 3
    (
        cd "$work"
        export GOFLAGS=-mod=mod CGO_ENABLED=0
        go mod init tool
        go get "$package@$package_version" "$@"
        # The engines only move images here: no Kubernetes, and no file systems that need C libraries.
        go build -tags "no_cri no_btrfs no_devmapper no_zfs no_aufs exclude_graphdriver_btrfs" -o "$program" "$package"
    )
}

# The suite is pinned by the go.mod and go.sum beside the test that runs it.
compile_conformance() {
    (cd "$root/tests/conformance" && go test -mod=readonly -c -o "$work/oci-conformance" \
        github.com/opencontainers/distribution-spec/conformance)
}

# Harbor's Go client, with what tests/goclient does with it.
compile_goclient() {
    (cd "$root/tests/goclient" && CGO_ENABLED=0 go build -mod=readonly -trimpath -o "$work/goclient" .)
}

failed=0
build crane v0.22.1 install_package github.com/google/go-containerregistry/cmd/crane v0.22.1
build regctl v0.11.7 install_package github.com/regclient/regclient/cmd/regctl v0.11.7
build helm v3.22.0 install_package helm.sh/helm/v3/cmd/helm v3.22.0
build oras v1.3.3 install_through_module oras.land/oras/cmd/oras v1.3.3 oras
build oci-conformance v0.0.0-20230516164017-7fcdf80f3c8b compile_conformance
build cosign v2.6.5 install_package github.com/sigstore/cosign/v2/cmd/cosign v2.6.5
build goclient "v0.213.1-$(cat "$root"/tests/goclient/*.go "$root"/tests/goclient/go.* | cksum | cut -d ' ' -f 1)" compile_goclient

# Debian's engines are of 2022. The current ones have names of their own, beside those.
containerd=github.com/containerd/containerd/v2
# The module asks for a version of this one from before it was split, which is ambiguous beside the parts.
genproto=google.golang.org/genproto@v0.0.0-20250922171735-9219d122eba9
build ctr-2 v2.3.4 install_through_module $containerd/cmd/ctr v2.3.4 ctr-2
build containerd-2 v2.3.4 install_through_module $containerd/cmd/containerd v2.3.4 containerd-2 $genproto
build dockerd-29 v2.0.0-beta.24 install_through_module github.com/moby/moby/v2/cmd/dockerd v2.0.0-beta.24 dockerd-29
say "ready in .tools/bin"
exit "$failed"
