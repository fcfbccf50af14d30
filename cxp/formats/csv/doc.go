// Package csv reads the CSV files that browsers and password managers export: Chrome and Edge, Firefox, Apple, Dashlane (also its
// zip archive of several), NordPass, LastPass, Enpass, RoboForm and Keeper, and, by the names of their columns, others.
//
// Each is a dialect (dialect.go lists them), recognised by its header row; Keeper writes none and is recognised by the shape of its
// rows. A dialect reads rows (table.go) and takes from each what it knows; columns that nobody took become fields, so that
// nothing is lost.
//
// No such file ever holds a passkey. Every result says so, and how passkeys can leave that manager instead (passkeys.go). All of
// them are plaintext.
package csv
