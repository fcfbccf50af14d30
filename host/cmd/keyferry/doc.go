// Command keyferry is the whole native side in one binary. Started by a browser it is a bridge, by a person it is the
// command line, with `agent` it is a vault's agent.
//
//   - main.go tells the three apart.
//   - bridge.go and agent.go put those together; config.go reads the configuration file.
//   - cli.go is the command line's grammar; a file for each group of commands stands beside it (status.go, vault.go,
//     list.go, entries.go, slots.go, pin.go, choices.go, audit.go, browsers.go, profiles.go, install.go, doctor.go,
//     doctorvault.go); names.go
//     finds entries by what people call them. app.go is what they share: the connection to the agent, output, secrets.
//   - terminal*.go asks for secrets without echo where the agent can show no dialog.
//   - A test build (tag keyferrytest) adds the command testbed, and takes its paths from a testbed's folder.
package main
