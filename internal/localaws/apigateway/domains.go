// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package apigateway

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/apigateway/model"
)

// domainRecord is a stored custom domain with its mappings. It is never
// modified: changeDomain copies it first.
type domainRecord struct{ model.DomainName }

const (
	noDomain  = "Invalid domain name identifier specified"
	noMapping = "Invalid base path mapping identifier specified"
)

func (s *Service) createDomainName(q *request) (int, any, error) {
	var in struct {
		DomainName             string            `json:"domainName"`
		CertificateARN         string            `json:"certificateArn"`
		RegionalCertificateARN string            `json:"regionalCertificateArn"`
		EndpointConfiguration  *endpointInput    `json:"endpointConfiguration"`
		SecurityPolicy         string            `json:"securityPolicy"`
		Tags                   map[string]string `json:"tags"`
	}
	if err := q.input(&in); err != nil {
		return 0, nil, err
	}
	var v validation
	endpoint, err := in.EndpointConfiguration.check(&v, "createDomainNameInput")
	if err := cmp.Or(v.err(), err, checkTags(in.Tags)); err != nil {
		return 0, nil, err
	}
	name := strings.ToLower(in.DomainName)
	switch {
	case !strings.Contains(name, ".") || strings.ContainsAny(name, "/ :"):
		return 0, nil, badRequest("Invalid domain name '%s': use a name like comments.example.com", in.DomainName)
	case in.CertificateARN == "" && in.RegionalCertificateARN == "":
		return 0, nil, badRequest("A certificate is needed: set certificateArn or regionalCertificateArn")
	case endpoint.Types[0] == "PRIVATE":
		return 0, nil, notImplemented("private custom domain names")
	}
	d := &domainRecord{model.DomainName{
		DomainName: name, CertificateARN: in.CertificateARN, RegionalCertificateARN: in.RegionalCertificateARN,
		EndpointConfiguration: endpoint, Status: "AVAILABLE", SecurityPolicy: cmp.Or(in.SecurityPolicy, "TLS_1_2"), Tags: in.Tags,
		Mappings: map[string]model.BasePathMapping{},
	}}
	if endpoint.Types[0] == "REGIONAL" {
		d.RegionalDomainName = "d-" + newID(10) + ".execute-api." + q.caller.Region + ".amazonaws.com"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.domains.Keys(0) {
		if _, alive := s.domains.Latest(id); alive && strings.HasSuffix(id, "/"+name) {
			return 0, nil, badRequest("The domain name you provided already exists.")
		}
	}
	s.domains.Put(scope(q.caller)+name, d)
	return http.StatusCreated, d.DomainName, nil
}

func (s *Service) readDomain(q *request) (*domainRecord, error) {
	d, ok := s.domains.Visible(scope(q.caller)+q.vars["domainName"], s.env.Lag(lagName))
	if !ok {
		return nil, notFound(noDomain)
	}
	return d, nil
}

func (s *Service) getDomainName(q *request) (int, any, error) {
	d, err := s.readDomain(q)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, d.DomainName, nil
}

func (s *Service) getDomainNames(q *request) (int, any, error) {
	lag := s.env.Lag(lagName)
	var items []model.DomainName
	for _, id := range s.domains.Keys(lag) {
		if d, ok := s.domains.Visible(id, lag); ok && strings.HasPrefix(id, scope(q.caller)) {
			items = append(items, d.DomainName)
		}
	}
	p, err := page(q, items, func(d model.DomainName) string { return d.DomainName })
	return http.StatusOK, p, err
}

// deleteDomainName takes its mappings with it.
func (s *Service) deleteDomainName(q *request) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := scope(q.caller) + q.vars["domainName"]
	if _, ok := s.domains.Latest(id); !ok {
		return 0, nil, notFound(noDomain)
	}
	s.domains.Delete(id)
	return http.StatusAccepted, nil, nil
}

// changeDomain runs fn on a copy of the mappings of the request's domain and
// stores them.
func (s *Service) changeDomain(q *request, fn func(mappings map[string]model.BasePathMapping) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := scope(q.caller) + q.vars["domainName"]
	d, ok := s.domains.Latest(id)
	if !ok {
		return notFound(noDomain)
	}
	next := *d
	next.Mappings = maps.Clone(d.Mappings)
	if err := fn(next.Mappings); err != nil {
		return err
	}
	s.domains.Put(id, &next)
	return nil
}

// checkMapping validates what a mapping leads to; the caller holds the lock.
func (s *Service) checkMapping(q *request, m model.BasePathMapping) error {
	rec, ok := s.apis.Latest(m.APIID)
	switch {
	case !ok || !rec.belongsTo(q.caller):
		return badRequest("Invalid REST API identifier specified")
	case m.Stage != "" && rec.stages[m.Stage] == nil:
		return badRequest("Invalid stage identifier specified")
	}
	return nil
}

func (s *Service) createBasePathMapping(q *request) (int, any, error) {
	var m model.BasePathMapping
	if err := q.input(&m); err != nil {
		return 0, nil, err
	}
	m.BasePath = cmp.Or(m.BasePath, model.NoBasePath)
	err := s.changeDomain(q, func(mappings map[string]model.BasePathMapping) error {
		if _, taken := mappings[m.BasePath]; taken {
			return conflict("Base path already exists for this domain name")
		}
		mappings[m.BasePath] = m
		return s.checkMapping(q, m)
	})
	return http.StatusCreated, m, err
}

func (s *Service) getBasePathMapping(q *request) (int, any, error) {
	d, err := s.readDomain(q)
	if err != nil {
		return 0, nil, err
	}
	m, ok := d.Mappings[q.vars["basePath"]]
	if !ok {
		return 0, nil, notFound(noMapping)
	}
	return http.StatusOK, m, nil
}

func (s *Service) getBasePathMappings(q *request) (int, any, error) {
	d, err := s.readDomain(q)
	if err != nil {
		return 0, nil, err
	}
	items := slices.SortedFunc(maps.Values(d.Mappings), func(a, b model.BasePathMapping) int { return strings.Compare(a.BasePath, b.BasePath) })
	p, err := page(q, items, func(m model.BasePathMapping) string { return m.BasePath })
	return http.StatusOK, p, err
}

func (s *Service) updateBasePathMapping(q *request) (int, any, error) {
	ops, err := q.patches()
	if err != nil {
		return 0, nil, err
	}
	var m model.BasePathMapping
	err = s.changeDomain(q, func(mappings map[string]model.BasePathMapping) error {
		var ok bool
		if m, ok = mappings[q.vars["basePath"]]; !ok {
			return notFound(noMapping)
		}
		for i := range ops {
			if err := ops[i].replacesOnly("/restapiId", "/stage"); err != nil {
				return err
			}
			if ops[i].Path == "/stage" {
				m.Stage = ops[i].text()
			} else {
				m.APIID = ops[i].text()
			}
		}
		mappings[m.BasePath] = m
		return s.checkMapping(q, m)
	})
	return http.StatusOK, m, err
}

func (s *Service) deleteBasePathMapping(q *request) (int, any, error) {
	return http.StatusAccepted, nil, s.changeDomain(q, func(mappings map[string]model.BasePathMapping) error {
		if _, ok := mappings[q.vars["basePath"]]; !ok {
			return notFound(noMapping)
		}
		delete(mappings, q.vars["basePath"])
		return nil
	})
}

// heldBy returns the custom domains that lead to an API, or, with a stage, to
// that stage of it. AWS deletes neither while there are any, and names them
// in this form (github.com/serverless/serverless issue 3638 for APIs,
// hashicorp/terraform-provider-aws issues 28774 and 41651 for stages). The
// caller holds the lock.
func (s *Service) heldBy(apiID, stage string) string {
	var names []string
	for _, id := range s.domains.Keys(0) {
		d, ok := s.domains.Latest(id)
		if !ok {
			continue
		}
		for _, m := range d.Mappings {
			if m.APIID == apiID && (stage == "" || m.Stage == stage) && !slices.Contains(names, d.DomainName.DomainName) {
				names = append(names, d.DomainName.DomainName)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
