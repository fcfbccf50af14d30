//go:build keyferrytest

package main

// scripts are those of a test build.
const scripts = "testdata/testbed"
