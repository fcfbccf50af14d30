//go:build !keyferrytest

package installers

const testBuild = false
