// Package onepux reads 1PUX, the export of 1Password: a zip archive of export.attributes (the version), export.data (JSON: accounts,
// vaults, items) and the attached files in files/. It also reads export.data alone.
//
// Vaults become folders, items of the categories that CXF has a type for become that, and the fields of their sections custom
// fields under the sections' names (fields.go). The format has no member for passkeys: 1Password hands them over from app to app
// only. Every result says so. The files are plaintext.
package onepux
