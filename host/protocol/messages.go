package protocol

// Message ties a message type to its bodies. The types are those of [Table]; a test holds the two together.
type Message struct {
	Type    string
	Request any // zero value of the request's struct
	Answer  any // zero value of the answer's struct
}

// Messages returns every request with the struct of its body and of its answer, in the order of [Table].
func Messages() []Message {
	return []Message{
		{"session", SessionRequest{}, SessionResult{}},
		{"ping", Ping{}, Ping{}},
		{"status", Empty{}, Status{}},
		{"profiles.list", Empty{}, ProfileList{}},
		{"pair", PairRequest{}, PairResult{}},
		{"pair.confirm", PairConfirm{}, PairResult{}},
		{"browsers.list", Empty{}, BrowserList{}},
		{"browsers.revoke", BrowserRevoke{}, Empty{}},

		{"vault.create", VaultCreate{}, VaultCreated{}},
		{"passphrase.check", PassphraseCheck{}, PassphraseStrength{}},
		{"unlock", Unlock{}, Status{}},
		{"lock", Lock{}, Empty{}},

		{"webauthn.create", CreateRequest{}, WebAuthnResult{}},
		{"webauthn.get", GetRequest{}, WebAuthnResult{}},
		{"webauthn.delivered", Delivered{}, Empty{}},
		{"webauthn.gone", DocumentGone{}, Empty{}},
		{"ceremony.describe", CeremonyRef{}, CeremonyView{}},
		{"ceremony.unlock", CeremonyUnlock{}, CeremonyView{}},
		{"ceremony.approve", CeremonyApprove{}, Empty{}},
		{"ceremony.refuse", CeremonyRefuse{}, Empty{}},

		{"site.get", SiteQuery{}, SiteInfo{}},
		{"site.set", SiteSet{}, SiteInfo{}},
		{"sites.off", Empty{}, SitesOff{}},

		{"list", ListRequest{}, ListResult{}},
		{"show", Ref{}, Entry{}},
		{"rename", Rename{}, Entry{}},
		{"trash", Ref{}, Empty{}},
		{"untrash", Ref{}, Empty{}},
		{"trash.empty", EmptyTrash{}, Emptied{}},

		{"slots.list", Empty{}, SlotList{}},
		{"slots.add", SlotAdd{}, SlotAdded{}},
		{"slots.change", SlotChange{}, Empty{}},
		{"slots.remove", SlotRemove{}, Empty{}},
		{"rekey", Rekey{}, Empty{}},
		{"pin.set", PinSet{}, Status{}},
		{"settings.get", Empty{}, Settings{}},
		{"settings.set", Settings{}, Settings{}},
		{"audit", AuditQuery{}, AuditLog{}},
		{"vault.health", Empty{}, Health{}},

		{"transfer.request", RequestMake{}, RequestMade{}},
		{"transfer.requests", Empty{}, RequestList{}},
		{"transfer.forget", RequestForget{}, Empty{}},
		{"transfer.providers", ProviderQuery{}, ProviderList{}},
		{"transfer.export", TransferExport{}, Transfer{}},
		{"transfer.import", TransferImport{}, Transfer{}},
		{"transfer.put", TransferPut{}, Transfer{}},
		{"transfer.answer", TransferAnswer{}, Transfer{}},
		{"transfer.start", TransferStart{}, Transfer{}},
		{"transfer.next", TransferNext{}, TransferData{}},
		{"transfer.get", TransferGet{}, Transfer{}},
		{"transfer.list", Empty{}, TransferList{}},
		{"transfer.formats", Empty{}, FormatList{}},
		{"transfer.entries", TransferEntries{}, TransferEntryList{}},
		{"transfer.choose", TransferChoose{}, Transfer{}},
		{"transfer.commit", TransferRef{}, Transfer{}},
		{"transfer.cancel", TransferRef{}, Empty{}},
		{"transfer.imports", Empty{}, ImportList{}},
		{"transfer.originals", TransferOriginals{}, OriginalsDone{}},
		{"transfer.moved", Empty{}, MovedList{}},
		{"transfer.settle", MovedSettle{}, OriginalsDone{}},
		{"transfer.undo", ImportUndo{}, ImportUndone{}},

		{"open.put", OpenPut{}, OpenFile{}},
		{"open.get", OpenGet{}, OpenFile{}},
		{"open.take", OpenTake{}, Transfer{}},
	}
}

// Event ties an event to its body.
type Event struct {
	Name string
	Body any // zero value of the body's struct
}

// Events returns every event. All come from the agent, but for "bridge.error": the bridge sends that one, with
// [Frame.Error] and no body, when it can't serve the browser at all, and ends. "agent.refused" carries an error too:
// a frame was not taken and has no id by which it could be answered.
func Events() []Event {
	return []Event{
		{"agent.hello", AgentHello{}},
		{"status.changed", Status{}},
		{"pair.code", PairCode{}},
		{"ceremony.show", CeremonyShow{}},
		{"ceremony.end", CeremonyEnd{}},
		{"transfer.progress", TransferProgress{}},
		{"open.show", OpenShow{}},
		{"bridge.error", Empty{}},
		{"agent.refused", Empty{}},
	}
}
