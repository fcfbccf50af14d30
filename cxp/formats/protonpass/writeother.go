package protonpass

import (
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// other adds an item of a type of its own.
func (c *conversion) other(kind string, content any) {
	c.others = append(c.others, &writtenItem{Data: writtenData{Type: kind, Content: content}})
}

func (c *conversion) card(v *cxf.CreditCard) {
	c.other("creditCard", writtenCard{
		Cardholder: v.FullName.Text(), Number: v.Number.Text(), Code: v.VerificationNumber.Text(), Expiry: v.ExpiryDate.Text(), PIN: v.PIN.Text(),
	})
	if t := v.ValidFrom.Text(); t != "" {
		c.field("text", "Valid from", t)
	}
	if t := v.CardType.Text(); t != "" {
		c.field("text", "Card type", t)
	}
}

func (c *conversion) wifi(v *cxf.WIFI) {
	w := writtenWIFI{SSID: v.SSID.Text(), Password: v.Passphrase.Text(), Sections: []writtenSection{}}
	known := false
	for number, name := range wifiSecurity() {
		if name == v.NetworkSecurityType.Text() {
			w.Security, known = int(number[0]-'0'), true
		}
	}
	if t := v.NetworkSecurityType.Text(); !known && t != "" {
		c.field("text", "Security", t)
	}
	if t := v.Hidden.Text(); t != "" {
		c.field("text", "Hidden network", t)
	}
	c.other("wifi", w)
}

// sshKey writes the key as OpenSSH's own form.
func (c *conversion) sshKey(v *cxf.SSHKey) {
	private, public, _, err := formats.OpenSSH(v)
	if err != nil {
		fields, _ := formats.Flatten(v)
		c.lose(lossType, cxf.Notice, formats.CodeType, v, "becomes fields")
		c.add("", fields)
		return
	}
	c.other("sshKey", writtenSSH{PrivateKey: private, PublicKey: public, Sections: []writtenSection{}})
	c.add("", formats.SSHKeyDetails(v))
}
