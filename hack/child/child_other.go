// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix && !linux

package child

import "syscall"

// Group is a group of its own. Only Linux ends it with whoever started it.
func Group() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
