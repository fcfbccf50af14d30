package csv

// What to say about passkeys, since people who bring such a file may believe that they are in it.
const (
	anew = "sign in at each site with the old passkey once more and add a new one with Keyferry"
	via  = "move them there into a manager whose files hold passkeys (Bitwarden or Proton Pass, say), and bring that one's export; or " + anew

	chromePasskeys = "A browser's CSV never holds passkeys. Passkeys of Google Password Manager leave it only on an iPhone or iPad, " +
		"where Chrome hands them to another app: " + via + ". Edge has no way to export passkeys"
	firefoxPasskeys = "Firefox keeps no passkeys itself, and its CSV never holds any: they are in your system, in a security key or in " +
		"another manager. Export from there, or " + anew
	applePasskeys = "Apple's CSV never holds passkeys. They leave the Passwords app from app to app only, on iPhone, iPad and Mac from " +
		"version 26 on (in Passwords, choose to export data to another app): " + via
	dashlanePasskeys = "Dashlane's CSV never holds passkeys. They leave its app for iPhone, iPad and Android only, from app to app: " + via
)

func noExport(manager string) string {
	return "A CSV of " + manager + " never holds passkeys. If its app on a phone offers to move passkeys to another app, " + via
}
