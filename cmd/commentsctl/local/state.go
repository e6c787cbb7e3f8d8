// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// State is what the file named by --state holds: where everything is, for
// scripts and tests. It is written once all that was asked for is up.
type State struct {
	// Kubeconfig is the path of a kubeconfig with all rights; empty with
	// --only aws.
	Kubeconfig string `json:"kubeconfig"`
	// AWSEndpoint is the URL to set as AWS_ENDPOINT_URL; empty with
	// --only cluster.
	AWSEndpoint string `json:"awsEndpoint"`
	// AccountID is the account that the local AWS plays.
	AccountID string `json:"accountId"`
	// Region is the region of the sample, and the default for clients.
	Region string `json:"region"`
	// SiteURL is where the sample site is served, with a comments section that
	// uses the first object; empty when there is none.
	SiteURL string `json:"siteURL"`
	// Ready are the objects that serve.
	Ready []ReadyObject `json:"ready"`
}

// ReadyObject is a CommentsAPI that serves.
type ReadyObject struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// InvokeURL is where clients send requests, stage included.
	InvokeURL string `json:"invokeURL"`
}

// write replaces the file in one step, so that whoever waits for it never
// reads half of it.
func (s State) write(path string) error {
	if s.Ready == nil {
		s.Ready = []ReadyObject{}
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the state: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the state file %s: %w", path, err)
	}
	_, err = temp.Write(append(text, '\n'))
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("write the state file %s: %w", path, err)
	}
	return nil
}
