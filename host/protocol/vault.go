package protocol

// Secret is a passphrase, PIN or recovery phrase that came by our own page or the terminal, because no dialog of the
// agent's could be shown. More than one member is refused. It is erased after use.
type Secret struct {
	Passphrase string `json:"passphrase,omitempty"`
	Pin        string `json:"pin,omitempty"`
	Recovery   string `json:"recovery,omitempty"` // the words, separated by spaces
}

// VaultCreate (type "vault.create") makes the vault. The passphrase is asked for in the agent's dialog; Secret is used
// only where there is none. From a browser, the new vault pairs that browser at once: the dialog that sets the
// passphrase names it, and shows the code of event "pair.code".
type VaultCreate struct {
	Secret Secret `json:"secret,omitzero"`
	Label  string `json:"label,omitempty"`
}

// VaultCreated answers "vault.create". RecoveryPhrase is shown once and can't be had again.
type VaultCreated struct {
	RecoveryPhrase []string `json:"recoveryPhrase"`
	Browser        *Browser `json:"browser,omitempty"`
}

// Unlock (type "unlock") opens the vault: by the agent's dialog, or by Secret where there is none, or by the recovery
// phrase, which has to come by our own page or the terminal.
type Unlock struct {
	Secret Secret `json:"secret,omitzero"`
}

// PassphraseCheck (type "passphrase.check") rates a passphrase before it is set; nothing of it is kept.
type PassphraseCheck struct {
	Passphrase string `json:"passphrase"`
}

// PassphraseStrength answers "passphrase.check".
type PassphraseStrength struct {
	Bits    int    `json:"bits"`    // honest estimate of guessing entropy
	Accept  bool   `json:"accept"`  // false: too weak to be set
	Verdict string `json:"verdict"` // one plain sentence
}

// Lock (type "lock") forgets everything: the agent re-executes itself.
type Lock struct{}
