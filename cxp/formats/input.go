package formats

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keyferry/keyferry/cxp/cxf"
)

// Input is a file to read. It must not change while it is read, nor while the files of the [Result] are.
type Input struct {
	io.ReaderAt
	// Size is in bytes.
	Size int64
	// Name is the name that the person knows the file by, "" if there is none. It is shown, nothing else.
	Name string
	// Secret asks for what opens an encrypted file. It is called at most once per Read: on
	// [ErrWrongPassword] ask again and read again. nil: encrypted files give [ErrPasswordNeeded].
	Secret func(context.Context, Question) (Secret, error)
	// OnItem, where set, is given each item as soon as it has been read, with the index of its account in Header.Accounts (0 for
	// all formats but CXF, which alone knows several), and which then does not have it;
	// its error ends the reading and is returned as it is. Believe the items when Read has returned without error.
	OnItem func(account int, item cxf.Item) error
}

// Question says what to ask a person for.
type Question struct {
	// Text is a sentence: "the password that was chosen when the file was exported from Bitwarden".
	Text string
	// KeyFile: a key file may be needed, with or instead of the password.
	KeyFile bool
}

// Secret opens an encrypted file. The reader erases it after use.
type Secret struct {
	Password []byte
	// KeyFile is the content of a key file, nil = none. HasPassword false with a KeyFile means that there
	// is no password, which for some formats is not the same as an empty one.
	KeyFile     []byte
	HasPassword bool
}

// Clear erases the secret.
func (s *Secret) Clear() {
	clear(s.Password)
	clear(s.KeyFile)
}

// Ask calls in.Secret, for the readers of formats.
func (in *Input) Ask(ctx context.Context, q Question) (Secret, error) {
	if in.Secret == nil {
		return Secret{}, fmt.Errorf("%w: %s", ErrPasswordNeeded, q.Text)
	}
	s, err := in.Secret(ctx, q)
	if err == nil && len(s.Password) > MaxPassword {
		s.Clear()
		return Secret{}, fmt.Errorf("the password is longer than %d bytes: %w", MaxPassword, ErrWrongPassword)
	}
	return s, err
}

// Reader reads the file from its beginning, as text without a byte order mark where bom is set. It ends
// with the context.
func (in *Input) Reader(ctx context.Context, bom bool) io.Reader {
	r := io.NewSectionReader(in.ReaderAt, 0, in.Size)
	if bom {
		var mark [3]byte
		if n, err := in.ReadAt(mark[:], 0); n == 3 && (err == nil || errors.Is(err, io.EOF)) && bytes.Equal(mark[:], utf8Mark) {
			r = io.NewSectionReader(in.ReaderAt, 3, in.Size-3)
		}
	}
	return WithContext(ctx, r)
}

var utf8Mark = []byte{0xef, 0xbb, 0xbf}

// CheckSize refuses files over limit bytes, before anything is read.
func (in *Input) CheckSize(limit int64) error {
	if in.Size > limit {
		return fmt.Errorf("the file has %d MiB, and no more than %d are read: %w", in.Size>>20, limit>>20, ErrTooLarge)
	}
	return nil
}

// WithContext makes a reader that fails as soon as the context ends.
func WithContext(ctx context.Context, r io.Reader) io.Reader { return &contextReader{ctx, r} }

type contextReader struct {
	ctx context.Context // a reader's life is one call's
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
