// Package cxf reads and writes documents of the FIDO Credential Exchange Format
// 1.0 (CXF): passkeys, passwords and everything else that password managers hold.
package cxf
