// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
)

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// requestIDFrom is the client's choice when it is a UUID, else a new one
// (aws-facts E4: $context.requestId can be chosen by the client).
func requestIDFrom(header string) string {
	if uuidPattern.MatchString(header) {
		return header
	}
	return newUUID()
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// newExtendedRequestID has the look of AWS's: short base64 text that may end
// in "=" (aws-facts E4). Clients can't choose it.
func newExtendedRequestID() string {
	var b [11]byte
	_, _ = rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// traceID continues the client's trace when its header names a root.
func traceID(header string, now time.Time) string {
	for field := range strings.SplitSeq(header, ";") {
		if root := strings.TrimSpace(field); strings.HasPrefix(root, "Root=") && len(root) < 128 {
			return root
		}
	}
	var b [12]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%s", uint32(now.Unix()), hex.EncodeToString(b[:]))
}
