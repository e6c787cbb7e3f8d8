// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package testcluster

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/commentsapi/operator/config"
)

// Ask is what RBAC sees of one request for a resource.
type Ask struct {
	Group string
	// Resource has its subresource after a slash.
	Resource string
	Verb     string
	// Namespace is empty for requests about all of them.
	Namespace string
	// Name is empty where the request is for no certain object.
	Name string
}

// readAsk reads a request the way the API server does; ok is false where it is
// for no resource.
func readAsk(r *http.Request) (a Ask, ok bool, err error) {
	factory := request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := factory.NewRequestInfo(r)
	if err != nil || !info.IsResourceRequest {
		return Ask{}, false, err
	}
	a = Ask{Group: info.APIGroup, Resource: info.Resource, Verb: info.Verb, Namespace: info.Namespace, Name: info.Name}
	if info.Subresource != "" {
		a.Resource += "/" + info.Subresource
	}
	return a, true, nil
}

// Grant is one right of the operator: one verb on one resource.
type Grant struct {
	// Namespace is where a Role grants it; a ClusterRole grants it everywhere.
	Namespace             string
	Group, Resource, Verb string
	// Name is the only object that it is for, unless it is for all.
	Name string
}

// Grants are the rights that config/rbac gives to the operator.
func Grants() ([]Grant, error) {
	objects, err := config.Installation()
	if err != nil {
		return nil, err
	}
	var grants []Grant
	for _, obj := range objects {
		if obj.GetName() != "commentsapi-operator" || !slices.Contains([]string{"ClusterRole", "Role"}, obj.GetKind()) {
			continue
		}
		role := &rbacv1.ClusterRole{} // a Role has the same rules
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, role); err != nil {
			return nil, fmt.Errorf("%s %s: %w", obj.GetKind(), obj.GetName(), err)
		}
		for _, rule := range role.Rules {
			names := rule.ResourceNames
			if len(names) == 0 {
				names = []string{""}
			}
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						for _, name := range names {
							grants = append(grants, Grant{obj.GetNamespace(), group, resource, verb, name})
						}
					}
				}
			}
		}
	}
	return grants, nil
}

// Covers says whether the right is enough for the request.
func (g Grant) Covers(a Ask) bool {
	return g.Group == a.Group && g.Resource == a.Resource && g.Verb == a.Verb &&
		(g.Namespace == "" || g.Namespace == a.Namespace) && (g.Name == "" || g.Name == a.Name)
}

// NeededBy says whether the request needs the right as it is granted: one for
// the whole cluster is needed by requests outside the operator's own namespace,
// where a Role would do.
func (g Grant) NeededBy(a Ask) bool {
	return g.Covers(a) && (g.Namespace != "" || a.Namespace != config.Namespace)
}

// Record is what was asked for.
type Record struct {
	mu      sync.Mutex
	asks    map[Ask]bool
	refused map[Ask]bool
	err     error
}

// Add takes down one request and what became of it.
func (r *Record) Add(req *http.Request, status int) {
	a, ok, err := readAsk(req)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.err = err
	}
	if !ok {
		return
	}
	if r.asks == nil {
		r.asks, r.refused = map[Ask]bool{}, map[Ask]bool{}
	}
	r.asks[a] = true
	if status == http.StatusForbidden {
		r.refused[a] = true
	}
}

// Problems are the requests that config/rbac doesn't grant or that were refused,
// and those for Secrets, which the operator has no business with.
func (r *Record) Problems() ([]string, error) {
	grants, err := Grants()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var problems []string
	for a := range r.asks {
		granted := slices.ContainsFunc(grants, func(g Grant) bool { return g.Covers(a) })
		switch {
		case a.Resource == "secrets" || strings.HasPrefix(a.Resource, "secrets/"):
			problems = append(problems, fmt.Sprintf("the operator touches Secrets: %+v", a))
		case !granted:
			problems = append(problems, fmt.Sprintf("config/rbac doesn't grant what the operator asks for: %+v", a))
		}
	}
	slices.Sort(problems)
	return problems, r.err
}

// Refused are the requests that the API server refused for want of rights, or
// because their namespace is being deleted.
func (r *Record) Refused() []Ask {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Ask
	for a := range r.refused {
		out = append(out, a)
	}
	return out
}

// Unused are the rights of config/rbac that no request needed.
func (r *Record) Unused() ([]Grant, error) {
	grants, err := Grants()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(grants, func(g Grant) bool {
		for a := range r.asks {
			if g.NeededBy(a) {
				return true
			}
		}
		return false
	}), nil
}

// recorded takes down what goes through a transport.
type recorded struct {
	next   http.RoundTripper
	record *Record
}

func (r recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(req)
	if err == nil {
		r.record.Add(req, response.StatusCode)
	}
	return response, err
}
