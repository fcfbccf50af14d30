//go:build !keyferrytest

package installers

const (
	ownChromiumID = "iiigbnlokcnfoemnofoofphhkjgbfbdf"
	ownFirefoxID  = "keyferry@keyferry.app"
)
