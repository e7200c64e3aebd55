//go:build tools

// Package conformance keeps the suite in go.mod although no code here imports it.
package conformance

import _ "github.com/opencontainers/distribution-spec/conformance"
