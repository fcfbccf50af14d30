package agent

// handlers maps every message of the table to what answers it.
func handlers() map[string]handler {
	return map[string]handler{
		"session":         {run: sessionSigned},
		"ping":            {run: ping},
		"status":          {run: status},
		"profiles.list":   {run: profilesList},
		"pair":            {run: pairBrowser, ownVerification: true},
		"pair.confirm":    {run: pairConfirm, ownVerification: true},
		"browsers.list":   {run: browsersList},
		"browsers.revoke": {run: browsersRevoke},

		"vault.create":     {run: vaultCreate},
		"passphrase.check": {run: passphraseCheck},
		"unlock":           {run: unlock},
		"lock":             {run: lock},

		"webauthn.create":    {run: webauthnCreate},
		"webauthn.get":       {run: webauthnGet},
		"webauthn.delivered": {run: delivered},
		"webauthn.gone":      {run: documentGone},
		"ceremony.describe":  {run: ceremonyDescribe},
		"ceremony.unlock":    {run: ceremonyUnlock},
		"ceremony.approve":   {run: ceremonyApprove},
		"ceremony.refuse":    {run: ceremonyRefuse},

		"site.get":  {run: siteGet},
		"site.set":  {run: siteSet},
		"sites.off": {run: sitesOff},

		"list":        {run: list},
		"show":        {run: show},
		"rename":      {run: rename},
		"trash":       {run: trash},
		"untrash":     {run: untrash},
		"trash.empty": {run: trashEmpty},

		"slots.list":   {run: slotsList},
		"slots.add":    {run: slotsAdd},
		"slots.change": {run: slotsChange},
		"slots.remove": {run: slotsRemove},
		"rekey":        {run: rekey},
		"pin.set":      {run: pinSet},
		"settings.get": {run: settingsGet},
		"settings.set": {run: settingsSet},
		"audit":        {run: auditQuery},
		"vault.health": {run: vaultHealth},

		"transfer.request":   {run: transferRequest},
		"transfer.requests":  {run: transferRequests},
		"transfer.forget":    {run: transferForget},
		"transfer.providers": {run: transferProviders},
		"transfer.export":    {run: transferExport},
		"transfer.import":    {run: transferImport},
		"transfer.put":       {run: transferPut},
		"transfer.answer":    {run: transferAnswer},
		"transfer.start":     {run: transferStart, ownVerification: true},
		"transfer.next":      {run: transferNext},
		"transfer.get":       {run: transferGet},
		"transfer.list":      {run: transferList},
		"transfer.formats":   {run: transferFormats},
		"transfer.entries":   {run: transferEntries},
		"transfer.choose":    {run: transferChoose},
		"transfer.commit":    {run: transferCommit},
		"transfer.cancel":    {run: transferCancel},
		"transfer.imports":   {run: transferImports},
		"transfer.undo":      {run: transferUndo},

		"transfer.originals": {run: transferOriginals},
		"transfer.moved":     {run: transferMoved},
		"transfer.settle":    {run: transferSettle},

		"open.put":  {run: openPut},
		"open.get":  {run: openGet},
		"open.take": {run: openTake},
	}
}
