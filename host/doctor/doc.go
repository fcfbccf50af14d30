// Package doctor finds out what keeps Keyferry from working on a machine, and says what to do about it.
//
//   - finding.go: a [Finding] is one thing that was looked at. Each fault has a stable name, for scripts and tests.
//   - examine.go: [Examine] looks at everything of a [Patient], in the order in which a sign-in passes through: browsers,
//     policies, manifests, host, agent, vault, dialogs, keyring, disk, clock.
//   - browsers.go, manifest.go, policies.go: is the host found by the browser? host.go starts it, as the browser would.
//   - provider.go: is Keyferry found by the other password managers of the machine?
//   - agent.go, files.go, vault.go: socket, folders, configuration, vault. dialogs.go and keyring_*.go: who can ask the person.
//   - system.go: disk and clock.
//
// Nothing is changed by looking, but for an agent that the host starts and that ends by itself. [Fix] repairs what can be
// repaired without a decision of the person's.
package doctor
