// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package statuslint

import (
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// progress are the numbers that may move in a message: work that gets less.
var progress = regexp.MustCompile(`then [0-9]+ more|^[0-9]+ changes`)

// moving are parts of messages that would be different at every look: request
// ids, times, durations and counts.
var moving = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+(\.[0-9]+)?`)

// Changed returns what is wrong with the step from one status of an object to
// its next: a condition whose message moves though nothing happened, so that
// every look would be a write, and a transition that was none.
func Changed(before, after *v1alpha1.CommentsAPI) []string {
	var found []string
	for _, is := range after.Status.Conditions {
		was := meta.FindStatusCondition(before.Status.Conditions, is.Type)
		if was == nil || was.Status != is.Status {
			continue
		}
		if !was.LastTransitionTime.Equal(&is.LastTransitionTime) {
			found = append(found, fmt.Sprintf("the transition time of %s moves while it stays %s", is.Type, is.Status))
		}
		if was.Reason == is.Reason && was.ObservedGeneration == is.ObservedGeneration && restless(*was, is) {
			found = append(found, fmt.Sprintf("the message of %s moves by itself: from %q to %q", is.Type, was.Message, is.Message))
		}
	}
	return found
}

// restless reports whether two messages differ, but only in parts that move.
func restless(was, is metav1.Condition) bool {
	return was.Message != is.Message && still(was.Message) == still(is.Message)
}

func still(message string) string {
	return moving.ReplaceAllString(progress.ReplaceAllStringFunc(message, func(s string) string {
		return moving.ReplaceAllStringFunc(s, spell)
	}), "#")
}

// spell keeps a number from being taken for a moving one.
func spell(number string) string {
	letters := []byte(number)
	for i, c := range letters {
		letters[i] = c - '0' + 'a'
	}
	return string(letters)
}
