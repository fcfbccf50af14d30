//go:build race

package agent

// underRace: the detector keeps many gigabytes of shadow memory beside the program's, and slows Argon2 twentyfold. What
// searches a process's memory or measures the heap is shown by the run without it.
const underRace = true
