//go:build unix

package bridge

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/keyferry/keyferry/host/protocol"
)

// chooses sends what a browser says first.
func (s *stage) chooses(profile string, sender *protocol.Sender) {
	s.t.Helper()
	body, err := json.Marshal(protocol.BridgeProfile{Profile: profile})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(protocol.Frame{ID: "p", Type: "bridge.profile", Sender: sender, Body: body})
}

// greetedBy reads a greeting and checks whose it is.
func (s *stage) greetedBy(profile string) {
	s.t.Helper()
	var hello protocol.AgentHello
	if err := json.Unmarshal(s.want("agent.hello").Body, &hello); err != nil || hello.Status.Profile != profile {
		s.t.Fatalf("greeted by %q (%v), want %q", hello.Status.Profile, err, profile)
	}
}

var background = &protocol.Sender{Kind: protocol.SenderBackground}

func TestAProfileIsChosenFirst(t *testing.T) {
	s := newPatientStage(t, caller, time.Hour)
	s.chooses("work", background)
	s.want("p bridge.profile")
	s.greetedBy("work")
	s.ask("0", "hang")
	s.ask("1", "ping")
	s.want("1 ping")
	if s.agents != 1 {
		t.Errorf("%d agents were started: the default one's for nothing", s.agents)
	}
	// The next agent, after this one has gone, is the same profile's.
	s.killAgent()
	s.want("0 hang agent-gone")
	s.ask("2", "ping")
	s.greetedBy("work")
	s.want("2 ping")
}

// Whatever comes first but a choice means the default profile, at once.
func TestWithoutAChoiceItIsTheDefault(t *testing.T) {
	s := newPatientStage(t, caller, time.Hour)
	s.ask("1", "ping")
	s.greetedBy("default")
	s.want("1 ping")
}

// A browser that was slow has been greeted by the default profile's agent already: that one hears nothing of it.
func TestALateChoiceStillCounts(t *testing.T) {
	s := newStage(t, caller)
	s.greetedBy("default")
	s.chooses("work", background)
	s.want("p bridge.profile")
	s.greetedBy("work")
	s.ask("1", "ping")
	s.want("1 ping")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.seen {
		if f.Type != "ping" {
			t.Errorf("an agent was sent %+v", f)
		}
	}
}

func TestTheDefaultMayBeChosenToo(t *testing.T) {
	s := newStage(t, caller)
	s.greetedBy("default")
	s.chooses("default", background)
	s.want("p bridge.profile")
	s.ask("1", "ping")
	s.want("1 ping")
	if s.agents != 1 {
		t.Errorf("%d agents were started", s.agents)
	}
}

func TestAChoiceIsRefused(t *testing.T) {
	for name, sender := range map[string]*protocol.Sender{
		"from a page": {Kind: protocol.SenderPage, Page: "settings"}, "from a website": {Kind: protocol.SenderContent, Origin: "https://evil.example"},
		"from nobody": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, caller)
			s.greetedBy("default")
			s.chooses("work", sender)
			s.want("p bridge.profile not-allowed")
		})
	}
	t.Run("later", func(t *testing.T) {
		s := newStage(t, caller)
		s.greetedBy("default")
		s.ask("1", "ping")
		s.want("1 ping")
		s.chooses("work", background)
		s.want("p bridge.profile not-allowed")
		s.ask("2", "ping")
		s.want("2 ping")
	})
	t.Run("twice", func(t *testing.T) {
		s := newPatientStage(t, caller, time.Hour)
		s.chooses("work", background)
		s.want("p bridge.profile")
		s.greetedBy("work")
		s.chooses("default", background)
		s.want("p bridge.profile not-allowed")
	})
	for _, profile := range []string{"other", "", "../elsewhere", "/tmp/evil"} {
		t.Run("no profile "+profile, func(t *testing.T) {
			s := newPatientStage(t, caller, time.Hour)
			s.chooses(profile, background)
			s.want("bridge.error no-profile")
			s.wantEnd(protocol.Errorf(protocol.CodeNoProfile, ""))
			if s.agents != 0 {
				t.Error("an agent was started for it")
			}
		})
	}
}
