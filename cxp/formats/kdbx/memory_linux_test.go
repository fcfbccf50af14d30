package kdbx

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keyferry/keyferry/cxp/cxf"
	"github.com/keyferry/keyferry/cxp/formats"
	"github.com/keyferry/keyferry/cxp/formats/formatstest"
)

// readLarge names a file that this test's own program is to read, when it is started again for that.
const readLarge = "KEYFERRY_KDBX_READ"

// TestMain is both sides of measured: the tests, and the process in which a database is read.
func TestMain(m *testing.M) {
	path := os.Getenv(readLarge)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := readAlone(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// readAlone reads a database, with the password "x", and says what it found and how much memory that took.
func readAlone(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r, err := Format{}.Read(context.Background(), &formats.Input{ReaderAt: f, Size: info.Size(), Secret: input(nil, "x", nil).Secret})
	if err != nil {
		fmt.Println("refused:", err)
		return highWater()
	}
	for _, ref := range r.Report.Files {
		body, err := r.Files(context.Background(), ref.File)
		if err != nil {
			return err
		}
		if err := ref.File.Verify(body); err != nil {
			return err
		}
	}
	fmt.Println("read:", len(r.Report.Files), "files")
	return highWater()
}

// highWater says the most memory that this program has had since it began, in KiB. What a parent learns of a child by itself
// would have the parent's own in it.
func highWater() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, ok := strings.Cut(rest, "kB")
	if !ok {
		return errors.New("the system does not say how much memory was used")
	}
	fmt.Println(strings.TrimSpace(kib))
	return nil
}

// measured reads a file in a process of its own, and gives what that said and the most memory it ever had, in bytes.
func measured(t *testing.T, path string) (said string, peak int64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), readLarge+"="+path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(string(out), "\n")
	if len(lines) < 2 {
		t.Fatalf("%q", out)
	}
	kib, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	return lines[0], kib << 10
}

// program is what a process of this test takes before it reads anything, with room for the garbage collector, in bytes.
const program = 64 << 20

// TestLargeDatabases reads databases of attached files with little more memory than twice the file. KEYFERRY_SOAK=1 makes it
// 200 MB of them.
func TestLargeDatabases(t *testing.T) {
	size := 8 << 20
	if os.Getenv("KEYFERRY_SOAK") != "" {
		size = 50 << 20
	}
	const count = 4
	files := map[string][]byte{}
	item := cxf.Item{Title: "Large"}
	for i := range count {
		// Not quite random, but nothing that compresses well, and different in each.
		content := make([]byte, size)
		state := uint64(i + 1)
		for j := 0; j+8 <= size; j += 8 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			binary.LittleEndian.PutUint64(content[j:], state)
		}
		name := fmt.Sprint(i)
		files[name] = content
		item.Credentials = append(item.Credentials, fileOf(name, content))
	}
	path := filepath.Join(t.TempDir(), "large.kdbx")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := (Format{}).Write(t.Context(), out, document(files, item), formats.WriteOptions{Passphrase: []byte("x"), KDF: cheap}); err != nil {
		t.Fatal(err)
	}
	info, err := out.Stat()
	if err != nil || info.Size() < int64(count*size) {
		t.Fatalf("%d bytes, %v", info.Size(), err)
	}
	said, peak := measured(t, path)
	t.Logf("a file of %d MB, %d MB of memory", info.Size()/1_000_000, peak/1_000_000)
	if said != "read: 4 files" || peak > program+2*info.Size() {
		t.Errorf("%s, with %d MB of memory for a file of %d MB", said, peak/1_000_000, info.Size()/1_000_000)
	}
}

// TestBombs are small databases that unpack to large ones: refused, and with no more memory than one value may take.
// KEYFERRY_SOAK=1 adds one that takes a while to make.
func TestBombs(t *testing.T) {
	inner := func(more string) io.Reader {
		return io.MultiReader(bytes.NewReader(innerFields()), strings.NewReader(more))
	}
	for name, c := range map[string]struct {
		payload io.Reader
		memory  int64
	}{
		"document": {io.MultiReader(inner(""), formatstest.Spaces(formats.MaxDocument)), program + 8*maxText},
		"value":    {io.MultiReader(inner("<KeePassFile><Root><Group><Entry><String><Key>Title</Key><Value>"), formatstest.Spaces(maxText+1)), program + 8*maxText},
		"depth":    {inner("<KeePassFile><Root>" + strings.Repeat("<Group>", 100_000)), program},
		"names":    {inner("<KeePassFile><Root>" + strings.Repeat("<x>", 1000)), program},
		"file":     {io.MultiReader(strings.NewReader("\x03\xff\xff\xff\x3f\x00"), formatstest.Spaces(formats.MaxTotal)), program},
	} {
		if name == "file" && os.Getenv("KEYFERRY_SOAK") == "" {
			continue // packs a GiB
		}
		path := filepath.Join(t.TempDir(), "bomb.kdbx")
		data := seal(t, c.payload)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		said, peak := measured(t, path)
		t.Logf("%s of %d KB: %s, %d MB of memory", name, len(data)/1000, said, peak/1_000_000)
		if !strings.HasPrefix(said, "refused: ") || !strings.HasSuffix(said, formats.ErrTooLarge.Error()) || peak > c.memory {
			t.Errorf("%s of %d KB: %s, with %d MB of memory", name, len(data)/1000, said, peak/1_000_000)
		}
	}
}
