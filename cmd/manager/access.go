// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	authentication "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorization "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// accessMemory is how long a token that was let in is let in without a question
// to the API server; a scraper comes every half minute.
const accessMemory = time.Minute

// access lets callers in whose token the API server knows and lets use the
// path. controller-runtime's own filter answers 500 and logs an error for every
// token that the API server doesn't know, because the review of such a token
// carries an error text: a stranger could fill the log.
type access struct {
	tokens  authentication.TokenReviewInterface
	rights  authorization.SubjectAccessReviewInterface
	allowed *cache.Expiring
}

// requireAccess is a metricsserver.Options.FilterProvider.
func requireAccess(config *rest.Config, httpClient *http.Client) (metricsserver.Filter, error) {
	tokens, err := authentication.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	rights, err := authorization.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	a := &access{tokens: tokens.TokenReviews(), rights: rights.SubjectAccessReviews(), allowed: cache.NewExpiring()}
	return func(log logr.Logger, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status, err := a.decide(r)
			if err != nil {
				log.Error(err, "cannot ask the API server whether a caller may read metrics")
			}
			if status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			if status != http.StatusOK {
				http.Error(w, http.StatusText(status), status)
				return
			}
			next.ServeHTTP(w, r)
		}), nil
	}, nil
}

// decide returns 200, 401 for callers that nobody knows, 403 for those without
// the right, and 500 with an error where the API server doesn't say.
func (a *access) decide(r *http.Request) (status int, err error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return http.StatusUnauthorized, nil
	}
	// The token itself is not kept.
	question := struct {
		token        [sha256.Size]byte
		method, path string
	}{sha256.Sum256([]byte(token)), r.Method, r.URL.Path}
	if _, ok := a.allowed.Get(question); ok {
		return http.StatusOK, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	review, err := a.tokens.Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	if err != nil {
		return http.StatusInternalServerError, err
	}
	if !review.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	user := review.Status.User
	extra := map[string]authorizationv1.ExtraValue{}
	for name, values := range user.Extra {
		extra[name] = authorizationv1.ExtraValue(values)
	}
	answer, err := a.rights.Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: r.URL.Path, Verb: strings.ToLower(r.Method)},
	}}, metav1.CreateOptions{})
	if err != nil {
		return http.StatusInternalServerError, err
	}
	if !answer.Status.Allowed {
		return http.StatusForbidden, nil
	}
	a.allowed.Set(question, nil, accessMemory)
	return http.StatusOK, nil
}
