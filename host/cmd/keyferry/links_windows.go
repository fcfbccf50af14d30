package main

import "os"

// otherNames tells whether a file has more names than one; Windows does not say that along with the rest.
func otherNames(os.FileInfo) bool { return false }
