package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
	"github.com/keyferry/keyferry/host/webauthn"
	"github.com/keyferry/keyferry/vault"
)

// manyPasskeys fills an open vault with n passkeys of sites of their own, and one of example.com.
func manyPasskeys(b *testing.B, r *rig, n int) {
	b.Helper()
	v, err := r.a.keep.open()
	if err != nil {
		b.Fatal(err)
	}
	for i := range n + 1 {
		origin := fmt.Sprintf("https://site-%d.example", i)
		rp := origin[len("https://"):]
		if i == n {
			origin, rp = site, "example.com"
		}
		c, err := webauthn.NewCreation(createOptions(rp, nil), "", webauthn.Caller{Origin: origin, Delegated: true}, time.Now())
		if err != nil {
			b.Fatal(err)
		}
		p, _, err := c.Make(context.Background(), rand.Reader, true)
		if err != nil {
			b.Fatal(err)
		}
		p.Pending = false
		if err := v.AddPasskey(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// BenchmarkAssertion compares signing in with a bare P-256 signature, both in turn, medians: from the sealed record
// ("record": read and open it, parse the key, build the data, sign, encode), and as the whole way through the agent
// with consent given by a setting ("agent": parse the options, RP ID, look-up, ceremony, record, answer).
func BenchmarkAssertion(b *testing.B) {
	for _, n := range []int{0, 1000} {
		b.Run(fmt.Sprintf("%d", n+1), func(b *testing.B) {
			r := newRig(b, func(c *Config) { c.Test = always(Allow) })
			client, _ := r.withVault()
			manyPasskeys(b, r, n)
			v, err := r.a.keep.open()
			if err != nil {
				b.Fatal(err)
			}
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			owner := (*conn)(nil)
			r.a.each(func(c *conn) { owner = c })
			_ = client
			ctx := context.Background()
			var bare, record, whole []time.Duration
			took := func(to *[]time.Duration, f func()) {
				start := time.Now()
				f()
				*to = append(*to, time.Since(start))
			}
			digest := sha256.Sum256([]byte("x"))
			for b.Loop() {
				took(&bare, func() {
					if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
						b.Fatal(err)
					}
				})
				a, err := webauthn.NewAssertion(getOptions("example.com", nil), "", webauthn.Caller{Origin: site, Delegated: true}, time.Now())
				if err != nil {
					b.Fatal(err)
				}
				m, err := a.Matches(ctx, v)
				if err != nil {
					b.Fatal(err)
				}
				took(&record, func() { signOnce(b, v, a, m[0].ID) })
				q := &request{conn: owner, typ: "webauthn.get", sender: *tab(1, site), body: raw(get("example.com", nil))}
				took(&whole, func() {
					out, err := webauthnGet(r.a, ctx, q)
					if err != nil || out.(*protocol.WebAuthnResult).Outcome != "credential" {
						b.Fatal(out, err)
					}
				})
			}
			floor := median(bare)
			b.ReportMetric(float64(floor.Nanoseconds())/1000, "µs-signature")
			b.ReportMetric(float64(median(record))/float64(floor), "x-record")
			b.ReportMetric(float64(median(whole))/float64(floor), "x-agent")
			b.ReportMetric(float64((median(whole)-floor).Nanoseconds())/1000, "µs-agent-besides")
		})
	}
}

func signOnce(b *testing.B, v *vault.Vault, a *webauthn.Assertion, id vault.ID) {
	p, err := v.Passkey(context.Background(), id)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := a.Sign(context.Background(), p, true); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRoad compares a sign-in over the real socket with a ping over the same socket.
func BenchmarkRoad(b *testing.B) {
	r := newRig(b, func(c *Config) { c.Test = always(Allow) })
	c, _ := r.withVault()
	manyPasskeys(b, r, 1000)
	var pings, gets []time.Duration
	for b.Loop() {
		start := time.Now()
		c.must(tab(1, site), "ping", protocol.Ping{Data: "x"}, nil)
		pings = append(pings, time.Since(start))
		q := get("example.com", nil)
		start = time.Now()
		if out := c.send(tab(1, site), "webauthn.get", q); out.answer(nil) != nil {
			b.Fatal("no answer")
		}
		gets = append(gets, time.Since(start))
	}
	b.ReportMetric(float64(median(pings).Nanoseconds())/1000, "µs-ping")
	b.ReportMetric(float64(median(gets).Nanoseconds())/1000, "µs-get")
}
