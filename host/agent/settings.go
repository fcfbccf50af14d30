package agent

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/keyferry/keyferry/host/protocol"
)

// settingsGet answers "settings.get".
func settingsGet(a *agent, _ context.Context, _ *request) (any, error) { return a.keep.settings(), nil }

// settingsSet answers "settings.set". The limits keep a setting from switching locking or verification off.
func settingsSet(a *agent, ctx context.Context, r *request) (any, error) {
	var q protocol.Settings
	if err := r.read(&q); err != nil {
		return nil, err
	}
	q.Secret = protocol.Secret{}
	if q.LockAfterMs < 60_000 || q.LockAfterMs > 43_200_000 {
		return nil, badRequest("the vault locks after 1 minute to 12 hours")
	}
	if q.VerifyForMs < 0 || q.VerifyForMs > 600_000 {
		return nil, badRequest("a verification counts for 10 minutes at most")
	}
	v, err := a.keep.open()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("could not write the settings: %w", err)
	}
	if err := v.SetSetting(ctx, settingChoices, raw); err != nil {
		return nil, err
	}
	a.keep.mu.Lock()
	a.keep.choices = q
	a.keep.mu.Unlock()
	a.keep.consented()
	a.audit(r.sender, "changed the settings", "", a.who(r), "")
	a.statusChanged()
	return q, nil
}
