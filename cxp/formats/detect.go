package formats

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Match is a format that a file may be of.
type Match struct {
	Format     Format
	Confidence Confidence
}

// Detect finds out of which of the formats a file is, by its content. The best match comes first; there is at least one, or
// the error is an [*UnknownError], or wraps [ErrDamaged] or [ErrTooLarge] for an archive that cannot be opened.
func Detect(list []Format, in *Input) ([]Match, error) {
	if in.Size == 0 {
		return nil, &UnknownError{Looks: "an empty file"}
	}
	p, err := NewProbe(in)
	if err != nil {
		return nil, err
	}
	var matches []Match
	for _, f := range list {
		if c := f.Detect(p); c > No {
			matches = append(matches, Match{f, c})
		}
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return int(b.Confidence - a.Confidence) })
	if len(matches) > 0 {
		return matches, nil
	}
	if p.zipErr != nil {
		return nil, p.zipErr
	}
	return nil, unknown(p)
}

// ByID finds a format by its ID, nil where there is none.
func ByID(list []Format, id string) Format {
	for _, f := range list {
		if f.ID() == id {
			return f
		}
	}
	return nil
}

// unknown says what a file seems to be, since the wrong file is the most frequent mistake.
func unknown(p *Probe) *UnknownError {
	if cxp := looksLikeCXP(p); cxp != "" {
		return &UnknownError{Looks: cxp, CXP: true}
	}
	text := bytes.TrimLeft(p.Head, " \t\r\n")
	for _, k := range []struct{ prefix, looks string }{
		{"%PDF-", "a PDF document"},
		{"\x89PNG", "a picture"},
		{"\xff\xd8\xff", "a picture"},
		{"GIF8", "a picture"},
		{"<!DOCTYPE html", "a web page"},
		{"<!doctype html", "a web page"},
		{"<html", "a web page"},
		{"<?xml", "an XML document"},
		{"SQLite format 3", "a database of a program's own"},
		{"-----BEGIN PGP", "something sealed with PGP"},
		{"-----BEGIN ", "a key or certificate"},
		{"PK\x03\x04", "a zip archive of something else"},
		{"PK\x05\x06", "an empty zip archive"},
		{"\x1f\x8b", "a compressed file"},
		{"7z\xbc\xaf", "a compressed file"},
		{"\xff\xfe", "text in UTF-16; save it as UTF-8"},
		{"\xfe\xff", "text in UTF-16; save it as UTF-8"},
		{"{", "a JSON document"},
		{"[", "a JSON document"},
	} {
		if bytes.HasPrefix(text, []byte(k.prefix)) {
			return &UnknownError{Looks: k.looks}
		}
	}
	if utf8.Valid(p.Head) {
		return &UnknownError{Looks: "some text"}
	}
	return &UnknownError{}
}

// looksLikeCXP recognises the messages of package cxp, which the formats are not for (cxp/PROFILE.md §2).
func looksLikeCXP(p *Probe) string {
	if z := p.Zip(); z != nil && z.Has("CXP-Export/index.jwe") {
		return "an encrypted transfer (CXP payload)"
	}
	m := p.JSON()
	switch {
	case Has(m, "hpke", '[') && Has(m, "mode", '"'):
		return "a request for an encrypted transfer (CXP)"
	case Has(m, "payload", '"') && Has(m, "exporter", '"'):
		return "an encrypted transfer (CXP)"
	}
	return ""
}
