package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/keyferry/keyferry/cxp"
	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
)

// Foreign is another manager's file.
type Foreign struct {
	Format formats.Format
	File   io.ReaderAt
	Size   int64
	Name   string // that the person knows it by; shown, nothing else
	// Password opens an encrypted file; empty: there is none, and a file that needs one gives formats.ErrPasswordNeeded.
	Password []byte
	KeyFile  []byte
	// Saw is told of the result of each reading, for what it says besides items; it may be nil.
	Saw func(*formats.Result)
}

// Read implements [Source].
func (s Foreign) Read(ctx context.Context, to Sink) (*Reading, error) {
	in := &formats.Input{
		ReaderAt: s.File, Size: s.Size, Name: s.Name,
		OnItem: func(account int, it cxf.Item) error { return to.Item(account, &it) },
	}
	if len(s.Password) > 0 || len(s.KeyFile) > 0 {
		in.Secret = func(context.Context, formats.Question) (formats.Secret, error) {
			return formats.Secret{ // the reader erases what it was given, and it reads twice
				Password: append([]byte(nil), s.Password...), KeyFile: append([]byte(nil), s.KeyFile...), HasPassword: len(s.Password) > 0,
			}, nil
		}
	}
	result, err := s.Format.Read(ctx, in)
	if err != nil {
		return nil, err
	}
	if s.Saw != nil {
		s.Saw(result)
	}
	r := &Reading{Document: result.Header, Report: result.Report}
	return r, s.files(ctx, result, r, to.File)
}

// files reads each attached file once, whatever names it. One that is missing or damaged is that item's loss alone.
func (s Foreign) files(ctx context.Context, result *formats.Result, r *Reading, file func(*File) error) error {
	if result.Report == nil {
		return nil
	}
	byID := map[string][]cxf.FileRef{}
	var order []string
	for _, ref := range result.Report.Files {
		if byID[ref.File.ID] == nil {
			order = append(order, ref.File.ID)
		}
		byID[ref.File.ID] = append(byID[ref.File.ID], ref)
	}
	for _, id := range order {
		refs := byID[id]
		switch err := s.file(ctx, result, refs, file); {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, formats.ErrNoFile):
			r.Missing = append(r.Missing, refs...)
		case errors.Is(err, cxf.ErrIntegrity), errors.Is(err, formats.ErrDamaged), errors.Is(err, formats.ErrTooLarge):
			result.Report.Diagnostics = append(result.Report.Diagnostics, cxf.Diagnostic{
				Severity: cxf.Problem, Code: formats.CodeFile, Path: []string{"file " + formats.Plain(refs[0].File.Name)},
				Message: "is damaged or too large and was left out", Account: refs[0].Account, Item: -1, Credential: -1, ItemID: refs[0].ItemID,
			})
		default:
			return fmt.Errorf("an attached file: %w", err)
		}
	}
	r.Missing = slices.DeleteFunc(r.Missing, func(m cxf.FileRef) bool { // the reader has said so
		return slices.ContainsFunc(result.Report.Diagnostics, func(d cxf.Diagnostic) bool {
			return d.Code == formats.CodeFile && d.ItemID == m.ItemID && slices.Equal(d.Path, []string{"file " + formats.Plain(m.File.Name)})
		})
	})
	return nil
}

func (s Foreign) file(ctx context.Context, result *formats.Result, refs []cxf.FileRef, file func(*File) error) error {
	if result.Files == nil {
		return formats.ErrNoFile
	}
	content, err := result.Files(ctx, refs[0].File)
	if err != nil {
		return err
	}
	err = refs[0].File.Verify(content) // before anything of it is kept
	if closing := content.Close(); err == nil {
		err = closing
	}
	if err != nil || file == nil {
		return err
	}
	if content, err = result.Files(ctx, refs[0].File); err != nil {
		return err
	}
	err = file(&File{Refs: refs, Reader: content})
	return errors.Join(err, content.Close())
}

// File is one attached file of a source. What is not read of it is no loss.
type File struct {
	Refs []cxf.FileRef // the credentials that name it: usually one
	io.Reader
}

// ForeignDocument is what leaves, for a writer of another manager's format. Attached files go with it.
func (e *Export) ForeignDocument(ctx context.Context, progress Progress) *formats.Document {
	options := e.Options(ctx, true, progress)
	return &formats.Document{
		Header: e.Header(),
		Items: func(account int) iter.Seq2[*cxf.Item, error] {
			return func(yield func(*cxf.Item, error) bool) {
				options.Items(account)(func(it *cxf.Item, err error) bool {
					if err != nil || it == nil {
						return yield(it, err)
					}
					if it = e.only(it); it == nil {
						return true
					}
					return yield(it, nil)
				})
			}
		},
		Files: func(ctx context.Context, f cxf.File) (io.ReadCloser, error) {
			r, err := e.Files(ctx, f)
			if errors.Is(err, cxp.ErrNoFile) {
				err = fmt.Errorf("%w: %w", formats.ErrNoFile, err)
			}
			return r, err
		},
	}
}

// only leaves the chosen types of an item; nil where nothing is left. CXF's own writer does so itself.
func (e *Export) only(it *cxf.Item) *cxf.Item {
	if len(e.sel.Types) == 0 {
		return it
	}
	out := *it
	out.Credentials = nil
	for _, c := range it.Credentials {
		for _, t := range e.sel.Types {
			if c.CredentialType() == t {
				out.Credentials = append(out.Credentials, c)
				break
			}
		}
	}
	if len(out.Credentials) == 0 {
		return nil
	}
	return &out
}
