//go:build !keyferrytest

package main

// scripts are those of a release.
const scripts = "testdata/script"
