package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
)

// wixl puts the time of day and a random package code into an MSI's summary information. settleMSI puts the commit's time
// and a code of the package's own in their places, so that the same files give the same MSI.
//
// The summary is a property set (MS-OLEPS §2.21): after the FMTID the section's offset, in the section pairs of property
// and offset, there a type and the value.

var summaryFMTID = []byte{0xe0, 0x85, 0x9f, 0xf2, 0xf9, 0x4f, 0x68, 0x10, 0xab, 0x91, 0x08, 0x00, 0x2b, 0x27, 0xb3, 0xd9}

const (
	headBytes   = 28 // of a property set, before the first FMTID
	pidRevision = 9
	pidCreated  = 12
	pidSaved    = 13
	typeText    = 30
	typeTime    = 64
)

func settleMSI(file, code string) error {
	when, err := sourceDate()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := settleSummary(text, "{"+code+"}", when); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, text, 0o644)
}

var errNoSummary = errors.New("the summary information is not where an MSI has it")

func settleSummary(text []byte, code string, when time.Time) error {
	at := bytes.Index(text, summaryFMTID)
	if at < headBytes || at+20 > len(text) {
		return errNoSummary
	}
	number := func(at int) (int, error) {
		if at < 0 || at+4 > len(text) {
			return 0, errNoSummary
		}
		return int(binary.LittleEndian.Uint32(text[at:])), nil
	}
	offset, err := number(at + len(summaryFMTID))
	if err != nil {
		return err
	}
	section := at - headBytes + offset
	count, err := number(section + 4)
	if err != nil || count > 64 {
		return errNoSummary
	}
	done := 0
	for i := range count {
		pid, err := number(section + 8 + 8*i)
		if err != nil {
			return err
		}
		offset, err := number(section + 12 + 8*i)
		if err != nil {
			return err
		}
		value := section + offset
		typ, err := number(value)
		if err != nil || value+8+len(code) > len(text) {
			return errNoSummary
		}
		switch {
		case pid == pidRevision && typ == typeText:
			if text[value+8] != '{' || text[value+8+len(code)-1] != '}' {
				return errNoSummary
			}
			copy(text[value+8:], code)
			done++
		case (pid == pidCreated || pid == pidSaved) && typ == typeTime:
			// 100 ns since 1601.
			binary.LittleEndian.PutUint64(text[value+4:], uint64(when.Unix()+11_644_473_600)*10_000_000)
			done++
		}
	}
	if done != 3 {
		return errNoSummary
	}
	return nil
}
