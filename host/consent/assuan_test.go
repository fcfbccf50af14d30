package consent

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func talk(in string) (*assuan, *bytes.Buffer) {
	var out bytes.Buffer
	// One byte at a time: lines must not depend on how a pipe cuts them.
	return &assuan{r: iotest.OneByteReader(strings.NewReader(in)), w: &out}, &out
}

func TestAnswerJoinsDataAndSkipsStatus(t *testing.T) {
	c, out := talk("# hello\nS PIN_REPEATED\nD ab%25\nS ERROR gtk 5 x\nD c%0Ad\r\nOK done\n")
	got, err := c.command("GETPIN")
	if err != nil {
		t.Fatal(err)
	}
	if string(got.data) != "ab%c\nd" || got.status[0] != "PIN_REPEATED" {
		t.Errorf("got %q, %q", got.data, got.status)
	}
	if out.String() != "GETPIN\n" {
		t.Errorf("sent %q", out)
	}
}

func TestStatusErrorBeforeErrKeepsStep(t *testing.T) {
	c, _ := talk("S ERROR curses.isatty 83918950\nERR 83886179 Operation cancelled <Pinentry>\nD next\nOK\n")
	_, err := c.command("GETPIN")
	var refused *replyError
	if !errors.As(err, &refused) || !refused.is(gpgCanceled) {
		t.Fatalf("got %v", err)
	}
	if got, err := c.command("GETPIN"); err != nil || string(got.data) != "next" {
		t.Errorf("out of step: %q, %v", got.data, err)
	}
}

func TestInquireQuality(t *testing.T) {
	c, out := talk("INQUIRE QUALITY p%25w\nINQUIRE OTHER x\nD p%25w\nOK\n")
	var rated string
	c.quality = func(p []byte) int { rated = string(p); return 250 }
	if _, err := c.command("GETPIN"); err != nil {
		t.Fatal(err)
	}
	if rated != "p%w" || out.String() != "GETPIN\nD 100\nEND\nCAN\n" {
		t.Errorf("rated %q, sent %q", rated, out)
	}
}

func TestBrokenAnswers(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":       "",
		"cut":           "D abc",
		"long line":     "D " + strings.Repeat("a", 5000) + "\nOK\n",
		"long secret":   strings.Repeat("D "+strings.Repeat("a", 900)+"\n", 3) + "OK\n",
		"no hex":        "D a%zz\nOK\n",
		"cut hex":       "D a%4\nOK\n",
		"unknown":       "HELLO\nOK\n",
		"bad number":    "ERR x y\n",
		"without end":   strings.Repeat("S x\n", maxLines+5),
		"binary":        "\x00\x01\x02\n",
		"lower-case ok": "ok\n",
	} {
		c, _ := talk(in)
		if got, err := c.command("GETPIN"); err == nil {
			t.Errorf("%s: taken as %q", name, got.data)
		}
	}
}

func TestEscapeKeepsOneLine(t *testing.T) {
	in := "Ann\nGETPIN\r\x00%0A\\"
	got := escape(in)
	if strings.ContainsAny(got, "\n\r\x00") || got != "Ann%0AGETPIN%0D%00%250A%5C" {
		t.Errorf("escape: %q", got)
	}
	back, err := appendUnescaped(nil, []byte(got))
	if err != nil || string(back) != in {
		t.Errorf("back: %q, %v", back, err)
	}
}

func TestCutEscaped(t *testing.T) {
	for n := 1; n < 12; n++ {
		got := cutEscaped("ab%25cé%0Ad", n)
		if _, err := appendUnescaped(nil, []byte(got)); err != nil {
			t.Errorf("cut at %d: %q: %v", n, got, err)
		}
	}
}

func TestEraseForgetsWhatWasRead(t *testing.T) {
	c, _ := talk("D hunter2\nOK\n")
	got, err := c.command("GETPIN")
	if err != nil {
		t.Fatal(err)
	}
	clear(got.data)
	c.erase()
	if bytes.Contains(c.buf[:], []byte("hunter2")) {
		t.Error("the buffer still holds the secret")
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"OK\n", "D a%25b\nOK\n", "S x\nERR 99 no\n", "INQUIRE QUALITY a\nOK\n", "D \xff\n", "#\n\n\nOK", "INQUIRE\nINQUIRE QUALITY\nOK\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		c := &assuan{r: bytes.NewReader(in), w: io.Discard, quality: func(p []byte) int { return len(p) }}
		for range 4 {
			got, err := c.command("GETPIN")
			if len(got.data) > MaxSecret {
				t.Fatalf("%d bytes of secret", len(got.data))
			}
			if err != nil && got.data != nil {
				t.Fatal("data along with an error")
			}
		}
	})
}
