package webauthn

// Client extensions (WebAuthn §9 and §10). What we don't serve is answered as a browser answers for an authenticator
// without it; what a site must have, or what it got wrong so that the standard has an error for it, goes to the browser.

// toBrowserAlways are extensions that change what a call means: payments (SPC), and calls on behalf of another
// machine's client.
func toBrowserAlways() []string {
	return []string{"payment", "remoteDesktopClientOverride", "remoteClientDataJSON"}
}

func refuseExtensions(ext object) error {
	for _, name := range toBrowserAlways() {
		if ext.has(name) {
			return toBrowser(ReasonExtension, name)
		}
	}
	return nil
}

// creationExtensions decides about the extensions of a create() and gives its clientExtensionResults as JSON.
func creationExtensions(ext object, discoverable bool) ([]byte, error) {
	if err := refuseExtensions(ext); err != nil {
		return nil, err
	}
	prf, blob := ext.object("prf"), ext.object("largeBlob")
	switch {
	case prf.has("evalByCredential"): // §10.1.4: NotSupportedError
		return nil, toBrowser(ReasonExtension, "prf.evalByCredential in create()")
	case blob.text("support") == "required":
		return nil, toBrowser(ReasonExtension, "largeBlob is required")
	case blob.has("read") || blob.has("write"): // §10.1.5: NotSupportedError
		return nil, toBrowser(ReasonExtension, "largeBlob read or write in create()")
	case ext.has("appid"): // §10.1.1: for assertions only
		return nil, toBrowser(ReasonExtension, "appid in create()")
	case ext.flag("enforceCredentialProtectionPolicy") && ext.enum("credentialProtectionPolicy",
		"userVerificationOptionalWithCredentialIDList", "userVerificationRequired") != "": // CTAP 2.1 §12.1
		return nil, toBrowser(ReasonExtension, "credProtect is enforced")
	}
	r := results{}
	if ext.flag("credProps") { // §10.1.3
		if discoverable {
			r.add("credProps", `{"rk":true}`)
		} else {
			r.add("credProps", `{"rk":false}`)
		}
	}
	if ext.has("prf") {
		r.add("prf", `{"enabled":false}`)
	}
	if ext.has("largeBlob") {
		r.add("largeBlob", `{"supported":false}`)
	}
	if ext.flag("hmacCreateSecret") {
		r.add("hmacCreateSecret", "false")
	}
	if ext.has("credBlob") {
		r.add("credBlob", "false")
	}
	return r.json(), nil
}

// requestExtensions does the same for a get(). allowed is the number of credentials in the allow list.
func requestExtensions(ext object, allowed int) ([]byte, error) {
	if err := refuseExtensions(ext); err != nil {
		return nil, err
	}
	prf, blob := ext.object("prf"), ext.object("largeBlob")
	switch {
	case len(prf.object("evalByCredential")) > 0 && allowed == 0: // §10.1.4: NotSupportedError
		return nil, toBrowser(ReasonExtension, "prf.evalByCredential without an allow list")
	case blob.has("support"), blob.has("read") && blob.has("write"), blob.has("write") && allowed != 1: // §10.1.5: NotSupportedError
		return nil, toBrowser(ReasonExtension, "largeBlob that get() does not take")
	}
	r := results{}
	if ext.has("appid") { // §10.1.1: not used
		r.add("appid", "false")
	}
	if ext.has("prf") {
		r.add("prf", "{}")
	}
	switch {
	case blob.has("write"):
		r.add("largeBlob", `{"written":false}`)
	case blob.has("read"):
		r.add("largeBlob", "{}")
	}
	return r.json(), nil
}

// results collects clientExtensionResults; names and values are our own constants.
type results struct{ b []byte }

func (r *results) add(name, value string) {
	if len(r.b) == 0 {
		r.b = append(r.b, '{')
	} else {
		r.b = append(r.b, ',')
	}
	r.b = append(r.b, '"')
	r.b = append(r.b, name...)
	r.b = append(r.b, '"', ':')
	r.b = append(r.b, value...)
}

func (r *results) json() []byte {
	if len(r.b) == 0 {
		return []byte("{}")
	}
	return append(r.b, '}')
}
