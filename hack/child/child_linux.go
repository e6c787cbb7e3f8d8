// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package child says how tests and tools start other programs: as a group of
// processes, so that one signal reaches all of it, and so that it doesn't
// outlive whoever started it where the system can see to that.
package child

import "syscall"

// Group is a group of its own, killed when the thread that started it ends.
func Group() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
