// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// pollInterval is how often an object is looked at while waiting for it.
const pollInterval = 200 * time.Millisecond

// decode reads CommentsAPIs from YAML and returns them as they were written,
// so that the API server sees, and complains about, exactly that.
func decode(texts [][]byte) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, text := range texts {
		documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("read YAML: %w", err)
			}
			obj, err := decodeOne(document)
			if err != nil {
				return nil, err
			}
			if obj != nil {
				objects = append(objects, obj)
			}
		}
	}
	return objects, nil
}

// decodeOne reads one YAML document; an empty one is nil. It is as strict as
// an API server that validates fields: unknown and twice-given ones, and names
// in the wrong case, are errors.
func decodeOne(document []byte) (*unstructured.Unstructured, error) {
	obj := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(document, &obj.Object); err != nil {
		return nil, fmt.Errorf("read YAML: %w", err)
	}
	if len(obj.Object) == 0 {
		return nil, nil
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("build the scheme: %w", err)
	}
	typed, _, err := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer().Decode(document, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("only CommentsAPI objects of %s can be applied here: %w", v1alpha1.GroupVersion, err)
	}
	if _, ok := typed.(*v1alpha1.CommentsAPI); !ok {
		return nil, fmt.Errorf("only CommentsAPI objects of %s can be applied here, not %s", v1alpha1.GroupVersion, obj.GetKind())
	}
	if obj.GetNamespace() == "" {
		obj.SetNamespace(metav1.NamespaceDefault)
	}
	return obj, nil
}

// NewClient returns a client that knows Kubernetes' own types and CommentsAPI.
func NewClient(cfg *rest.Config) (client.Client, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("build the scheme: %w", err)
	}
	c, err := client.New(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return c, nil
}

// apply creates the objects and waits until each serves.
func (e *Environment) apply(ctx context.Context, objects []*unstructured.Unstructured, timeout time.Duration) error {
	c, err := NewClient(e.Config())
	if err != nil {
		return err
	}
	for _, obj := range objects {
		e.progress.say("applying CommentsAPI %s/%s", obj.GetNamespace(), obj.GetName())
		if err := c.Create(ctx, obj); err != nil {
			return fmt.Errorf("apply CommentsAPI %s/%s: %w", obj.GetNamespace(), obj.GetName(), err)
		}
	}
	for _, obj := range objects {
		served, err := e.WaitFor(ctx, c, client.ObjectKeyFromObject(obj), "serves", timeout, Ready)
		if err != nil {
			return err
		}
		e.State.Ready = append(e.State.Ready, ReadyObject{Namespace: obj.GetNamespace(), Name: obj.GetName(), InvokeURL: served.Status.InvokeURL})
	}
	return nil
}

// Ready says whether clients are served what the spec asks for.
func Ready(obj *v1alpha1.CommentsAPI) bool {
	return obj.Status.ObservedGeneration == obj.Generation &&
		meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady)
}

// WaitFor waits until done accepts the object and returns it as it then is.
// It fails when ctx ends, when the operator does, and after timeout, with what
// the object's conditions say. what completes "waiting until NAME ...".
func (e *Environment) WaitFor(ctx context.Context, c client.Client, key client.ObjectKey, what string, timeout time.Duration, done func(*v1alpha1.CommentsAPI) bool) (*v1alpha1.CommentsAPI, error) {
	var said atomic.Value
	said.Store("")
	detail := func() string { return said.Load().(string) }
	obj := &v1alpha1.CommentsAPI{}
	label := fmt.Sprintf("waiting until %s %s", key, what)
	err := e.progress.step(ctx, label, detail, func(ctx context.Context) error {
		bounded, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		ticker := time.NewTicker(pollInterval)
		defer ticker.Stop()
		for {
			if err := c.Get(bounded, key, obj); err != nil && bounded.Err() == nil {
				return fmt.Errorf("%s: %w", label, err)
			} else if err == nil && done(obj) {
				return nil
			}
			said.Store(describe(obj))
			select {
			case <-ticker.C:
			case <-e.manager.gone:
				return e.manager.died()
			case <-bounded.Done():
				if ctx.Err() != nil {
					return fmt.Errorf("%s: interrupted", label)
				}
				return fmt.Errorf("%s: not within %s; %s; the operator's last words:\n%s",
					label, timeout, describe(obj), lastLines(e.manager.log, 20))
			}
		}
	})
	return obj, err
}

// describe puts the conditions that matter to a waiting person in a line.
func describe(obj *v1alpha1.CommentsAPI) string {
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	synced := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionSynced)
	switch {
	case ready != nil && ready.Status != metav1.ConditionTrue:
		return fmt.Sprintf("Ready=%s, %s: %s", ready.Status, ready.Reason, ready.Message)
	case synced != nil && synced.Status != metav1.ConditionTrue:
		return fmt.Sprintf("Synced=%s, %s: %s", synced.Status, synced.Reason, synced.Message)
	case ready != nil:
		return fmt.Sprintf("Ready=%s, %s", ready.Status, ready.Reason)
	}
	return "no condition reported yet"
}
