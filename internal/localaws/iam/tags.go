// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/commentsapi/operator/internal/localaws/query"
)

var tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

const tagPatternText = `Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`

// mergeTags returns have with add upserted. Keys are unique without regard to
// case (aws-facts G1); one bad tag refuses all of them (G2).
func mergeTags(have, add []query.Tag) ([]query.Tag, error) {
	out := slices.Clone(have)
	seen := map[string]bool{}
	for i, t := range add {
		at := "tags." + strconv.Itoa(i+1) + ".member."
		switch {
		case t.Key == "":
			return nil, invalid(at+"key", t.Key, "Member must have length greater than or equal to 1")
		case utf8.RuneCountInString(t.Key) > 128:
			return nil, invalid(at+"key", t.Key, "Member must have length less than or equal to 128")
		case utf8.RuneCountInString(t.Value) > 256:
			return nil, invalid(at+"value", t.Value, "Member must have length less than or equal to 256")
		case !tagPattern.MatchString(t.Key):
			return nil, invalid(at+"key", t.Key, tagPatternText)
		case !tagPattern.MatchString(t.Value):
			return nil, invalid(at+"value", t.Value, tagPatternText)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, query.Errorf(http.StatusBadRequest, "InvalidInput", "Tag keys beginning with 'aws:' are reserved for system use: %s", t.Key)
		}
		folded := strings.ToLower(t.Key)
		if seen[folded] {
			return nil, query.Errorf(http.StatusBadRequest, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[folded] = true
		if at := slices.IndexFunc(out, func(o query.Tag) bool { return strings.EqualFold(o.Key, t.Key) }); at >= 0 {
			out[at] = t
		} else {
			out = append(out, t)
		}
	}
	if len(out) > maxTags {
		return nil, query.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for TagsPerRole: %d", maxTags)
	}
	return out, nil
}

func (s *Service) tagRole(c call) (any, error) {
	add := c.Params.Tags("Tags")
	if len(add) == 0 {
		return nil, missing("tags")
	}
	return nil, s.change(c, func(r *role) error {
		var err error
		r.Tags, err = mergeTags(r.Tags, add)
		return err
	})
}

func (s *Service) untagRole(c call) (any, error) {
	keys := c.List("TagKeys")
	if len(keys) == 0 {
		return nil, missing("tagKeys")
	}
	return nil, s.change(c, func(r *role) error {
		r.Tags = slices.DeleteFunc(r.Tags, func(t query.Tag) bool {
			return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, t.Key) })
		})
		return nil
	})
}

func (s *Service) listRoleTags(c call) (any, error) {
	r, err := s.read(c)
	if err != nil {
		return nil, err
	}
	sorted := slices.SortedFunc(slices.Values(r.Tags), func(a, b query.Tag) int { return strings.Compare(a.Key, b.Key) })
	p, tags, err := paginate(c, sorted, func(t query.Tag) string { return t.Key })
	if err != nil {
		return nil, err
	}
	return struct {
		Tags members[query.Tag]
		page
	}{members[query.Tag]{tags}, p}, nil
}
