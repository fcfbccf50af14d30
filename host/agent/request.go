package agent

import (
	"context"
	"encoding/json"
	"errors"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/keyferry/keyferry/host/protocol"
)

// errCanceled is the cause of a request's context when its sender cancelled it, told apart from a connection that broke.
var errCanceled = errors.New("the sender cancelled the request")

// request is one request under way.
type request struct {
	conn   *conn
	typ    string
	sender protocol.Sender
	body   json.RawMessage
	// after runs once the answer is written.
	after func()
}

// handler answers one message. The gate has let it through already.
type handler struct {
	run func(a *agent, ctx context.Context, r *request) (any, error)
	// ownVerification: the handler verifies the person itself, in a dialog that says more than the gate's.
	ownVerification bool
}

// handle runs one request and answers it, whatever happens.
func (c *conn) handle(ctx context.Context, f protocol.Frame) {
	r := &request{conn: c, typ: f.Type, body: f.Body}
	dialogs := &asking{who: c.a.patienceOf(c)}
	out, err := c.a.dispatch(context.WithValue(ctx, askingKey{}, dialogs), r, f.Sender)
	if err == nil {
		c.a.agreed(dialogs)
	}
	clear(f.Body) // it may hold a passphrase
	answer := protocol.Frame{ID: f.ID, Re: f.Type}
	if err == nil {
		answer.Body, err = json.Marshal(out)
	}
	if err != nil {
		answer.Body, answer.Error = nil, c.a.toProtocol(err)
		if errors.Is(context.Cause(ctx), errCanceled) {
			answer.Error = protocol.Errorf(protocol.CodeCanceled, "cancelled")
		}
	}
	c.drop(f.ID) // before it is answered: the id may be used again at once
	c.send(answer)
	clear(answer.Body)
	if r.after != nil {
		r.after()
	}
}

func (a *agent) dispatch(ctx context.Context, r *request, claimed *protocol.Sender) (any, error) {
	h, err := a.pass(ctx, r, claimed)
	if err != nil {
		return nil, err
	}
	return h.run(a, ctx, r)
}

// decode reads a body: one JSON value in valid UTF-8 without duplicate names, members named exactly. Members that
// this version does not know are skipped, since an extension may be newer than its host.
func decode(body json.RawMessage, into any) error {
	if len(body) == 0 {
		body = json.RawMessage("{}")
	}
	return jsonv2.Unmarshal(body, into)
}

// read decodes the request's body.
func (r *request) read(into any) error {
	if err := decode(r.body, into); err != nil {
		return badRequest("the body of %q can't be read: %s", r.typ, plainCause(err))
	}
	return nil
}

// plainCause says what is wrong with a body without repeating any of it: it may hold a secret.
func plainCause(err error) string {
	var semantic *jsonv2.SemanticError
	if errors.As(err, &semantic) {
		return "a member at " + string(semantic.JSONPointer) + " is of the wrong kind"
	}
	return "it is no valid JSON object"
}

// secretOf reads the secret that a body may carry.
func (r *request) secretOf() (protocol.Secret, error) {
	var b struct {
		Secret protocol.Secret `json:"secret"`
	}
	err := r.read(&b)
	return b.Secret, err
}

// byHand reports whether the sender may pass on a secret that a person typed into it: our own pages and the terminal.
func (r *request) byHand() bool {
	return r.sender.Kind == protocol.SenderPage || r.sender.Kind == protocol.SenderCLI
}
