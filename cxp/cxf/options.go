package cxf

import "time"

// ReadOptions tune [Read]; nil or the zero value is right for a document from a stranger.
type ReadOptions struct {
	// Now decides which times are in the future. Zero: time.Now().
	Now time.Time
	// SkipKeyCheck leaves it at the form of private keys, without deriving their
	// public keys, which takes most of the time of reading passkeys. Call
	// [Item.CheckKeys] later.
	SkipKeyCheck bool
	// ParseKey stands in for [ParsePrivateKey] where a caller keeps what it finds out about keys; its errors are those. nil:
	// ParsePrivateKey itself.
	ParseKey func(der []byte) error
	// OnItem receives each item as soon as it has been read, with the index of
	// its account; it is then not put into Account.Items. An error ends the
	// reading and is returned as it is. The account's own members may stand after its items.
	OnItem func(account int, item Item) error
	// Archive reads what [WriteOptions].Archive wrote.
	Archive bool

	// MaxBytes limits the size of the document. 0: 256 MiB.
	MaxBytes int64
	// MaxDepth limits how deep arrays and objects nest. 0: 64.
	MaxDepth int
	// MaxItems limits the number of items. 0: 1,000,000.
	MaxItems int
	// MaxDiagnostics limits the length of the report. 0: 10,000.
	MaxDiagnostics int
	// NewID makes identifiers where the exporter forgot them. nil: [NewID].
	NewID func() string

	// alone: this is one item or credential, whose ids others look after.
	alone bool
}

func (o *ReadOptions) checkKey(der []byte) error {
	if o.ParseKey != nil && !o.SkipKeyCheck {
		return o.ParseKey(der)
	}
	return checkKey(der, o.SkipKeyCheck)
}

func (o *ReadOptions) setDefaults() {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 256 << 20
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 64
	}
	if o.MaxItems == 0 {
		o.MaxItems = 1_000_000
	}
	if o.MaxDiagnostics == 0 {
		o.MaxDiagnostics = 10_000
	}
	if o.NewID == nil {
		o.NewID = NewID
	}
}

// WriteOptions tune [Write]; nil or the zero value writes for a stranger.
type WriteOptions struct {
	// Now is the document's time where the header has none, and decides which
	// times are in the future. Zero: time.Now().
	Now time.Time
	// Types limits what is written to these credential types. Empty: all. An item
	// of which nothing is left is left out.
	Types []CredentialType
	// SkipKeyCheck trusts that the caller has checked every private key.
	SkipKeyCheck bool
	// Items, where set, yields the items of each account, by index, after those in
	// Account.Items, so that they need not be in memory at once. An error ends the
	// writing and is returned as it is.
	Items func(account int) func(yield func(*Item, error) bool)
	// Archive writes for the same program to read again, not for a stranger:
	// nothing is checked or left out, also no counters and nothing unreadable.
	Archive bool
	// NewID makes identifiers where they are missing or not unique. nil: [NewID].
	NewID func() string
	// MaxDiagnostics limits the length of the report. 0: 10,000.
	MaxDiagnostics int
}
