package cxf

// CheckKeys checks the private keys of the item's passkeys and SSH keys, for an
// item that was read with [ReadOptions].SkipKeyCheck. What does not pass becomes
// [Unknown], so that afterwards the item is as if the check had not been skipped.
func (it *Item) CheckKeys() *Report {
	r := newReporter(1 << 20)
	r.itemID = it.ID
	r.push(it.Title, 0)
	ordinal := map[CredentialType]int{}
	for i, c := range it.Credentials {
		if c == nil {
			continue
		}
		t := c.CredentialType()
		ordinal[t]++
		err := checkCredentialKey(c)
		if err == nil {
			continue
		}
		broken := err != errKeyKind
		if !broken && t == TypeSSHKey {
			continue
		}
		it.Credentials[i] = &Unknown{Type: t, Raw: encodeCredential(c), Broken: broken}
		r.cred = i
		r.push(string(t), ordinal[t])
		r.add(Problem, CodeKey, "", keyReason(err))
		r.pop()
		r.report.Unreadable++
	}
	return r.report
}

func checkCredentialKey(c Credential) error {
	switch c := c.(type) {
	case *Passkey:
		return checkKey(c.Key, false)
	case *SSHKey:
		return checkKey(c.PrivateKey, false)
	}
	return nil
}
