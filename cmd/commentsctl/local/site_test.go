// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/commentsapi/operator/api/v1alpha1"
	"github.com/commentsapi/operator/config"
)

// checkSite holds a running environment's website to what it is for: its pages
// call the sample's API, which lets their origin in.
func checkSite(t *testing.T, env *Environment) {
	t.Helper()
	answer, err := http.Get(env.State.SiteURL + "/hello-world.html")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := `api="` + env.State.Ready[0].InvokeURL + `"`; !strings.Contains(string(page), want) {
		t.Errorf("the page lacks %s:\n%s", want, page)
	}
	c, err := NewClient(env.Config())
	if err != nil {
		t.Fatal(err)
	}
	obj := &v1alpha1.CommentsAPI{}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: "blog"}, obj); err != nil {
		t.Fatal(err)
	}
	want := []v1alpha1.Origin{v1alpha1.Origin(env.State.SiteURL)}
	if obj.Spec.API.CORS == nil || !cmp.Equal(want, obj.Spec.API.CORS.AllowedOrigins) {
		t.Errorf("the sample allows %+v, want %q", obj.Spec.API.CORS, want)
	}
}

func TestSiteAndTheUsersOwnObjects(t *testing.T) {
	own := func(origins string) []byte {
		return append(config.Sample[:len(config.Sample):len(config.Sample)], []byte("\n  api: {cors: {allowedOrigins: ["+origins+"]}}\n")...)
	}
	for _, c := range []struct {
		name, origins string
		warned        bool
	}{
		{"of another website", `"https://www.example.com"`, true},
		{"of all websites", `"*"`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &transcript{}
			opts := Options{Objects: [][]byte{own(c.origins)}}
			objects, err := decode(opts.Objects)
			if err != nil {
				t.Fatal(err)
			}
			before := objects[0].DeepCopy()
			e := &Environment{progress: &progress{out: out, every: heartbeat}}
			if err := e.listenForSite(opts, objects[0]); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := e.site.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			if diff := cmp.Diff(before, objects[0]); diff != "" {
				t.Errorf("the user's object was changed:\n%s", diff)
			}
			if warned := strings.Contains(out.String(), "does not allow the website's origin "+e.State.SiteURL); warned != c.warned {
				t.Errorf("warned: %v, want %v: %s", warned, c.warned, out.String())
			}

			port, err := strconv.Atoi(e.State.SiteURL[strings.LastIndex(e.State.SiteURL, ":")+1:])
			if err != nil {
				t.Fatal(err)
			}
			err = (&Environment{progress: e.progress}).listenForSite(Options{SitePort: port, Objects: opts.Objects}, objects[0])
			if err == nil || !strings.Contains(err.Error(), "--site-port") {
				t.Errorf("a port that is taken: error %v; want one that names --site-port", err)
			}
		})
	}
}
