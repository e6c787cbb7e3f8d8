// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sts is the STS of the local AWS and the keeper of its credentials:
// the fixed keys everybody may use, keys that tests add, and the temporary
// ones AssumeRole hands out.
package sts

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/commentsapi/operator/internal/localaws/core"
	"github.com/commentsapi/operator/internal/localaws/policy"
)

const (
	// LocalKey is the access key that needs no set-up, and the secret of all
	// fixed keys.
	LocalKey = "local"
	// LocalAccount is the account of LocalKey. Any 12-digit access key is
	// that account's.
	LocalAccount = "123456789012"
)

// Key is a pair of credentials and who it stands for.
type Key struct {
	AccessKey string `json:"accessKey"`
	Secret    string `json:"secret,omitempty"`
	AccountID string `json:"accountId"`
	// User is the name in the principal's ARN; default "local".
	User string `json:"user,omitempty"`
	// Policy is the IAM policy document that says what the key may do; empty
	// allows everything.
	Policy string `json:"policy,omitempty"`

	session *session
	parsed  *policy.Document
}

// session is what makes a key temporary.
type session struct {
	token     string
	expires   time.Time
	partition string
	roleARN   string
	roleID    string
	roleName  string
	name      string
	tags      map[string]string
	policies  *policy.Document // a session policy, or nil
}

// Keyring holds all credentials. It is safe for concurrent use.
type Keyring struct {
	clock core.Clock

	mu        sync.Mutex
	added     map[string]Key
	temporary map[string]Key
}

// NewKeyring returns a keyring with the fixed keys only. clock decides when
// temporary credentials expire; it should be the one the signatures are
// checked with.
func NewKeyring(clock core.Clock) *Keyring {
	return &Keyring{clock: clock, added: map[string]Key{}, temporary: map[string]Key{}}
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// builtin returns a fixed key.
func builtin(accessKey string) (Key, bool) {
	k := Key{AccessKey: accessKey, Secret: LocalKey, AccountID: accessKey, User: LocalKey}
	if accessKey == LocalKey {
		k.AccountID = LocalAccount
		return k, true
	}
	return k, accountPattern.MatchString(accessKey)
}

// Add puts a key into the keyring, or replaces one. For a fixed key only the
// policy matters; other keys need a secret and an account.
func (k *Keyring) Add(key Key) error {
	if fixed, ok := builtin(key.AccessKey); ok {
		fixed.Policy = key.Policy
		key = fixed
	}
	switch {
	case key.AccessKey == "" || strings.ContainsAny(key.AccessKey, "/, ="):
		return fmt.Errorf("accessKey %q: use letters and digits", key.AccessKey)
	case key.Secret == "":
		return fmt.Errorf("secret of access key %s is empty: give one", key.AccessKey)
	case !accountPattern.MatchString(key.AccountID):
		return fmt.Errorf("accountId %q of access key %s: use 12 digits", key.AccountID, key.AccessKey)
	}
	if key.User == "" {
		key.User = LocalKey
	}
	if key.Policy != "" {
		doc, err := policy.Parse(key.Policy, policy.Identity)
		if err != nil {
			return fmt.Errorf("policy of access key %s: %w", key.AccessKey, err)
		}
		key.parsed = doc
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.added[key.AccessKey] = key
	return nil
}

// Remove takes a key out of the keyring; a fixed key only loses its policy.
func (k *Keyring) Remove(accessKey string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.added, accessKey)
	delete(k.temporary, accessKey)
}

// Lookup finds a key.
func (k *Keyring) Lookup(accessKey string) (Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.added[accessKey]; ok {
		return key, true
	}
	if key, ok := k.temporary[accessKey]; ok {
		return key, true
	}
	return builtin(accessKey)
}

// Added lists the keys that were added, without their secrets.
func (k *Keyring) Added() []Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]Key, 0, len(k.added))
	for _, key := range k.added {
		key.Secret = ""
		out = append(out, key)
	}
	slices.SortFunc(out, func(a, b Key) int { return strings.Compare(a.AccessKey, b.AccessKey) })
	return out
}

// TokenValid reports whether the session token of a request goes with the
// key: temporary keys need theirs, permanent ones must have none.
func (key Key) TokenValid(token string) bool {
	if key.session == nil {
		return token == ""
	}
	return token == key.session.token
}

// Expired reports whether temporary credentials are past their end.
func (key Key) Expired(now time.Time) bool {
	return key.session != nil && !now.Before(key.session.expires)
}

// issue makes temporary credentials and forgets those that have expired.
func (k *Keyring) issue(account string, s *session) Key {
	random := core.NewID(128)
	s.token = "Local" + base64.StdEncoding.EncodeToString([]byte(random[:96]))
	key := Key{
		AccessKey: "ASIA" + strings.ToUpper(random[96:112]),
		Secret:    base64.StdEncoding.EncodeToString([]byte(random[98:128])),
		AccountID: account, session: s,
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock.Now()
	for name, old := range k.temporary {
		if now.Sub(old.session.expires) > time.Hour {
			delete(k.temporary, name)
		}
	}
	k.temporary[key.AccessKey] = key
	return key
}
