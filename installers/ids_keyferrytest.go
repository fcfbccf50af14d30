//go:build keyferrytest

package installers

const (
	ownChromiumID = "pjieknbidepfjbgeaocakdicnnnipmap"
	ownFirefoxID  = "keyferry-test@keyferry.app"
)
