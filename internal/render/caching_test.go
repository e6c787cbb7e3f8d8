// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/internal/stack"
)

// TestKeptAnswersAreToldApartByAllTheyDependOn: a method that is kept has all
// of its parameters as keys, and no other method is kept.
func TestKeptAnswersAreToldApartByAllTheyDependOn(t *testing.T) {
	spec := cases()["every-option"].spec
	d := mustRender(t, spec, someFacts())
	kept := map[string]bool{}
	for key, s := range d.Stage.Settings {
		if s.Caching {
			kept[key] = true
		}
		s.Caching, s.CacheEncrypted, s.CacheRefreshRefused, s.CacheTTLSeconds = false, false, "", cacheTTLSeconds
		if diff := cmp.Diff(d.Stage.Settings[stack.AllMethods], s); diff != "" {
			t.Errorf("%s differs from all methods in more than caching (-all +own):\n%s", key, diff)
		}
	}
	want := map[string]bool{"comments~1{pageId}/GET": true, "comments~1{pageId}~1count/GET": true}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept methods (-want +got):\n%s", diff)
	}
	for key, m := range d.API.Definition.Methods {
		verb, path, _ := strings.Cut(key, " ")
		var keys []string
		if kept[settingsKey(verb, path)] {
			keys = sortedKeys(m.RequestParameters)
			if _, ok := m.RequestParameters[paramOrigin]; !ok {
				t.Errorf("%s doesn't tell origins apart", key)
			}
			for _, template := range m.Integration.RequestTemplates {
				if strings.Contains(template, "$context.identity") {
					t.Errorf("%s depends on who calls", key)
				}
			}
		}
		if diff := cmp.Diff(keys, m.Integration.CacheKeyParameters); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", key, diff)
		}
	}
}

func TestCachingThatCantBe(t *testing.T) {
	for want, set := range map[string]func(*v1alpha1.APISpec){
		"spec.api.caching.size":       func(a *v1alpha1.APISpec) { a.Caching.Size = "1" },
		"spec.api.caching.ttlSeconds": func(a *v1alpha1.APISpec) { a.Caching.TTLSeconds = 3601 },
		"spec.api.caching is":         func(a *v1alpha1.APISpec) { a.Authorization.List = v1alpha1.AuthorizationIAM },
	} {
		spec := someSpec()
		spec.API.Caching = &v1alpha1.CachingSpec{}
		set(&spec.API)
		if _, err := Render(spec, someFacts()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
