// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package localaws

import (
	"net/http"

	"github.com/commentsapi/operator/internal/localaws/control"
)

// malformed is a body that no parser accepts.
const malformed = "<{this is neither JSON nor XML: a fault of the local AWS"

// deliver performs the call and answers, as far as the fault lets it. Log
// entries are written before the client can see the answer, so that a test
// which has the answer also has the entry.
func (c *exchange) deliver(fault *control.Fault) {
	c.pause(c.server.env.Nature().Latency[c.entry.Service].D())
	if fault == nil {
		fault = &control.Fault{}
	}
	c.entry.Fault = fault.ID
	c.pause(fault.Delay.D())
	switch fault.Action {
	case control.Refuse, control.FailBefore:
		c.answer = newAnswer()
		c.refuse(refusalOf(fault, c.target.service))
		c.send()
		return
	case control.DropBefore:
		c.log(0)
		panic(http.ErrAbortHandler)
	case control.HangBefore:
		c.log(0)
		c.hang()
	}
	c.perform()
	switch fault.Action {
	case control.FailAfter:
		c.answer = newAnswer()
		c.refuse(refusalOf(fault, c.target.service))
	case control.DropAfter:
		c.log(0)
		panic(http.ErrAbortHandler)
	case control.HangAfter:
		c.log(0)
		c.hang()
	case control.Malformed:
		c.answer.replace(malformed)
	case control.Empty:
		c.answer.replace("")
	case control.Truncated:
		c.log(c.answer.status)
		c.answer.sendHalf(c.w)
	}
	c.send()
}

func (c *exchange) send() {
	c.log(c.answer.status)
	c.answer.send(c.w)
}
