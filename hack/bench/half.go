// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/commentsapi/operator/internal/localaws/control"
	"github.com/commentsapi/operator/internal/localaws/core"
)

// runHalf measures a crowd's changes while somebody else, of whom the operator
// knows nothing, deploys as often as half of the quota allows.
func runHalf(ctx context.Context, l *lab, r *report) error {
	c := crowds[0]
	s, err := l.scene(ctx, core.Nature{})
	if err != nil {
		return err
	}
	defer s.close()
	m, err := s.operate(fmt.Sprintf("--quota-scale=%d", fast))
	if err != nil {
		return err
	}
	if err := s.each(ctx, c.objects, s.create); err != nil {
		return err
	}
	if err := s.until(ctx, c.objects, isSettled); err != nil {
		return err
	}
	if s.leader, err = s.lead(ctx, m, ""); err != nil {
		return err
	}
	if err := m.Stop(); err != nil {
		return err
	}
	other, err := s.stranger(ctx)
	if err != nil {
		return err
	}
	scale := deployInterval.Seconds() / c.interval.Seconds()
	s.local.Env().SetNature(core.Nature{Quotas: core.Quotas{Enabled: true, Scale: scale}})
	if m, err = s.operate(fmt.Sprintf("--quota-scale=%g", scale)); err != nil {
		return err
	}
	if _, err = s.lead(ctx, m, s.leader); err != nil {
		return err
	}
	r.progress("%d objects: change, one in %s, of which another caller takes every second", c.objects, c.interval)
	s.calls()
	// Twice the time that it takes if both get their half is enough to see.
	bounded, stop := context.WithTimeout(ctx, 4*time.Duration(c.objects)*c.interval)
	defer stop()
	during, over := m.while(bounded)
	defer over()
	deploying := other.every(during, 2*c.interval)
	start := time.Now()
	if err := s.each(during, c.objects, s.resize(7)); err != nil {
		return err
	}
	if err := s.until(during, c.objects, isSettled); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	took := time.Since(start)
	over()
	<-deploying
	ours := shareOf(s.calls(), start, other.api)
	r.set("half_efficiency_20", efficiency(ours.deployed, 2*c.interval, took))
	r.set("half_refused_20", float64(ours.refused))
	r.set("half_other_deployments_20", float64(ours.others))
	r.set("half_longest_wait_intervals_20", ours.longest.Seconds()/c.interval.Seconds())
	return m.Stop()
}

// stranger is somebody else in the operator's account, with a REST API of
// their own.
type stranger struct {
	client *apigateway.Client
	api    string
}

func (s *scene) stranger(ctx context.Context) (*stranger, error) {
	o := &stranger{client: apigateway.New(apigateway.Options{Region: region, BaseEndpoint: aws.String(s.local.Endpoint()), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})}
	api, err := o.client.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("stranger")})
	if err != nil {
		return nil, err
	}
	o.api = aws.ToString(api.Id)
	resources, err := o.client.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &o.api})
	if err != nil {
		return nil, err
	}
	if len(resources.Items) != 1 {
		return nil, errors.New("a new REST API does not have just its root")
	}
	method := &apigateway.PutMethodInput{RestApiId: &o.api, ResourceId: resources.Items[0].Id, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE")}
	if _, err := o.client.PutMethod(ctx, method); err != nil {
		return nil, err
	}
	_, err = o.client.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: &o.api, ResourceId: method.ResourceId, HttpMethod: method.HttpMethod, Type: types.IntegrationTypeMock})
	return o, err
}

// every deploys in a rhythm until ctx ends. What is refused is tried again at
// once: who asks more seldom finds the operator's calls sent to the moment, and
// gets nothing.
func (o *stranger) every(ctx context.Context, rhythm time.Duration) (done <-chan struct{}) {
	const again = 2 * time.Millisecond
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		next := time.NewTimer(0)
		defer next.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
			}
			wait := rhythm
			if _, err := o.client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &o.api}); err != nil {
				wait = again
			}
			next.Reset(wait)
		}
	}()
	return ended
}

// shares are what two callers got of a quota.
type shares struct {
	// refused are the operator's calls that AWS refused; others are the
	// deployments that the other caller made.
	refused, others int
	// deployed are the operator's deployments.
	deployed int
	// longest is the longest time without a deployment of the operator's.
	longest time.Duration
}

// shareOf reads the log of calls from a moment on; other is the REST API of the
// other caller.
func shareOf(log []control.Request, from time.Time, other string) shares {
	var s shares
	slices.SortFunc(log, func(a, b control.Request) int { return a.Time.Compare(b.Time) })
	last := from
	for _, call := range log {
		theirs := call.Resource == other
		switch {
		case call.Throttled && !theirs:
			s.refused++
		case call.Operation != "CreateDeployment" || call.Throttled:
		case theirs:
			s.others++
		default:
			s.deployed++
			s.longest, last = max(s.longest, call.Time.Sub(last)), call.Time
		}
	}
	return s
}
