package protocol

// BridgeProfile (type "bridge.profile", from the background) says whose agent the bridge is to reach. It is the first
// frame of a browser, or it is refused: without it the bridge serves the default profile. The name is a profile's and
// never a path; one that does not exist is refused with event "bridge.error" and [CodeNoProfile], and the bridge ends.
// It goes no further than the bridge, so that no agent answers it.
type BridgeProfile struct {
	Profile string `json:"profile"`
}

// Profile is a vault of this user's, with an agent of its own.
type Profile struct {
	Name    string `json:"name"`
	Current bool   `json:"current,omitempty"` // the one that answers
}

// ProfileList answers "profiles.list": the profiles that have a vault, the default one first, and the one that answers
// in any case.
type ProfileList struct {
	Profiles []Profile `json:"profiles"`
}
