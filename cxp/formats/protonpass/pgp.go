package protonpass

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"

	"github.com/keyferry/keyferry/cxp/formats"
)

// maxPlain is how much may come out of a message, in bytes. It is held in memory, since it must not lie about on a disk.
const maxPlain = formats.MaxDocument + formats.MaxFile

const armorHead = "-----BEGIN PGP MESSAGE-----"

// OpenPGP packets (RFC 9580 §5).
const (
	tagSessionKey = 3 // symmetric-key encrypted session key: made from a passphrase
	s2kArgon2     = 4
)

// isMessage recognises a message that a passphrase opens, as text or as bytes.
func isMessage(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(armorHead)) ||
		len(head) > 4 && packetTag(head[0]) == tagSessionKey && ((head[2] == 4 || head[2] == 5) && head[3] < 14 || head[2] == 6)
}

// packetTag takes the packet's type out of its first byte, of the new form or the old one.
func packetTag(b byte) byte {
	switch {
	case b&0xc0 == 0xc0:
		return b & 0x3f
	case b&0x80 == 0x80:
		return b >> 2 & 0xf
	}
	return 0
}

// open asks for the passphrase and decrypts a message, of size bytes if it is what it says.
func open(ctx context.Context, in *formats.Input, src io.Reader, size int64) ([]byte, error) {
	if size > maxPlain/3*4+1<<20 {
		return nil, fmt.Errorf("a message of %d MiB: %w", size>>20, formats.ErrTooLarge)
	}
	text := bufio.NewReaderSize(src, 64<<10)
	head, err := text.Peek(1)
	if err != nil {
		return nil, formats.Damaged("OpenPGP", errors.New("the message is empty"))
	}
	var body io.Reader = text
	if packetTag(head[0]) != tagSessionKey {
		block, err := armor.Decode(text)
		if err != nil {
			return nil, damaged(ctx, err)
		}
		body = block.Body
	}
	packets := bufio.NewReaderSize(body, 4<<10)
	if err := checkCosts(packets); err != nil {
		return nil, err
	}
	secret, err := in.Ask(ctx, formats.Question{Text: "the passphrase that was chosen for the file when it was exported from Proton Pass"})
	if err != nil {
		return nil, err
	}
	defer secret.Clear()
	asked := false
	message, err := openpgp.ReadMessage(packets, nil, func([]openpgp.Key, bool) ([]byte, error) {
		if asked {
			return nil, formats.ErrWrongPassword
		}
		asked = true
		return secret.Password, nil
	}, &packet.Config{})
	if err != nil {
		return nil, damaged(ctx, err)
	}
	var plain bytes.Buffer
	if n, err := plain.ReadFrom(io.LimitReader(message.UnverifiedBody, maxPlain+1)); err != nil {
		return nil, damaged(ctx, err)
	} else if n > maxPlain {
		return nil, fmt.Errorf("the message holds more than %d MiB: %w", maxPlain>>20, formats.ErrTooLarge)
	}
	return plain.Bytes(), nil
}

// checkCosts judges what the first packet asks for, before the library pays for it: with Argon2 that may be terabytes. The
// message may have one passphrase only, so that none can hide behind.
func checkCosts(r *bufio.Reader) error {
	bad := func(what string) error { return formats.Damaged("OpenPGP", errors.New(what)) }
	head, err := r.Peek(3)
	if err != nil || packetTag(head[0]) != tagSessionKey {
		return fmt.Errorf("the message does not open with a passphrase: %w", formats.ErrNotThis)
	}
	// The packet has fewer than 192 bytes, so that its length has one byte in either form.
	size := int(head[1])
	if head[0]&0x40 == 0 && head[0]&3 != 0 || size >= 192 {
		return bad("its first packet has an impossible length")
	}
	p, err := r.Peek(2 + size + 1)
	if err != nil {
		return bad("it ends in the middle; it may have been cut short")
	}
	if packetTag(p[2+size]) == tagSessionKey {
		return fmt.Errorf("the message has several passphrases: %w", formats.ErrNotThis)
	}
	body := p[2 : 2+size]
	at := map[byte]int{4: 2, 5: 3, 6: 5}[body[0]] // where the kind of derivation stands, by the packet's version
	if at == 0 || len(body) < at+2 {
		return &formats.VersionError{Format: "OpenPGP", Found: fmt.Sprintf("with a passphrase packet of version %d", body[0]), Newer: true}
	}
	if body[at] != s2kArgon2 {
		return nil // counts hashed bytes, up to 65 million, which takes a second
	}
	if len(body) < at+20 {
		return bad("its key derivation is cut short")
	}
	passes, lanes, exponent := body[at+17], body[at+18], body[at+19]
	if exponent > 30 {
		return fmt.Errorf("Argon2 with 2^%d KiB: %w", exponent, formats.ErrKDF)
	}
	return formats.CheckArgon2(1<<exponent, int64(passes), int64(lanes))
}

// damaged gives the library's errors their meaning.
func damaged(ctx context.Context, err error) error {
	var unsupported pgperrors.UnsupportedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, formats.ErrWrongPassword), errors.Is(err, pgperrors.ErrKeyIncorrect):
		return formats.ErrWrongPassword
	case errors.As(err, &unsupported):
		return &formats.VersionError{Format: "OpenPGP", Found: "unknown (" + string(unsupported) + ")", Newer: true}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return formats.Damaged("OpenPGP", errors.New("it ends in the middle; it may have been cut short"))
	}
	return formats.Damaged("OpenPGP", errors.New("it was altered, or cut short"))
}

// sealConfig is the strongest that Proton Pass itself and GnuPG 2.2 read: AES-256 with modification detection, and a key
// from 65 million bytes of hashing. They know neither Argon2 nor the newer authenticated encryption.
func sealConfig() *packet.Config {
	return &packet.Config{
		DefaultHash: crypto.SHA256, DefaultCipher: packet.CipherAES256,
		S2KConfig:              &s2k.Config{S2KMode: s2k.IteratedSaltedS2K, Hash: crypto.SHA256, S2KCount: 65_011_712},
		DefaultCompressionAlgo: packet.CompressionNone,
	}
}

// seal encrypts what is written to the result with a passphrase, as text; close it.
func seal(dst io.Writer, passphrase []byte) (io.WriteCloser, error) {
	text, err := armor.Encode(dst, "PGP MESSAGE", nil)
	if err != nil {
		return nil, fmt.Errorf("writing an OpenPGP message: %w", err)
	}
	inner, err := openpgp.SymmetricallyEncrypt(text, passphrase, &openpgp.FileHints{IsBinary: true}, sealConfig())
	if err != nil {
		return nil, fmt.Errorf("writing an OpenPGP message: %w", err)
	}
	return &sealed{inner, text}, nil
}

type sealed struct {
	io.WriteCloser
	text io.WriteCloser
}

func (s *sealed) Close() error {
	if err := s.WriteCloser.Close(); err != nil {
		return err
	}
	return s.text.Close()
}
