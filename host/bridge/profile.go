package bridge

import (
	"context"
	"encoding/json"

	"github.com/keyferry/keyferry/host/protocol"
)

// begin reaches for the agent, once: a browser that wants another profile's than the default one's says so first.
func (r *relay) begin(ctx context.Context) {
	if r.first == nil {
		return
	}
	r.first = nil
	r.dial(ctx, true)
}

// choose takes the browser's choice of a profile. It has to come before everything else, so that nothing that was meant
// for one vault ends in another, and from the background alone: no page has a say in it.
func (r *relay) choose(ctx context.Context, f protocol.Frame) error {
	if r.heard || f.Sender == nil || f.Sender.Kind != protocol.SenderBackground {
		return r.refuse(f, protocol.Errorf(protocol.CodeNotAllowed, "a profile is chosen by the extension's background, in its first frame"))
	}
	r.heard = true
	var chosen protocol.BridgeProfile
	if err := json.Unmarshal(f.Body, &chosen); err != nil {
		return r.fail(protocol.Errorf(protocol.CodeBadRequest, "bridge.profile can't be read"), err)
	}
	if err := r.Exists(chosen.Profile); err != nil {
		return r.fail(refusal(err), err)
	}
	if err := r.out.Write(protocol.Frame{ID: f.ID, Re: f.Type, Body: json.RawMessage("{}")}); err != nil {
		return err
	}
	if chosen.Profile == r.profile {
		r.begin(ctx)
		return nil
	}
	// Where the browser was slow, the default profile's agent is about to greet us, or has: nothing was asked of it.
	if r.agent != nil {
		r.agent.Close()
	}
	r.agent, r.greeted, r.first = nil, false, nil
	r.profile = chosen.Profile
	r.dial(ctx, true)
	return nil
}
