// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/commentsapi/operator/api/v1alpha1"
)

// stubVariable makes this test binary play the operator.
const stubVariable = "COMMENTSCTL_TEST_MANAGER"

func TestMain(m *testing.M) {
	logf.SetLogger(logr.Discard())
	switch os.Getenv(stubVariable) {
	case "":
		os.Exit(m.Run())
	case "serves":
		if err := serve(); err != nil {
			fmt.Println("stub:", err)
			os.Exit(1)
		}
	case "dies":
		fmt.Println("stub: cannot find my glasses")
		os.Exit(3)
	case "idles":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		fmt.Println("stub: idling")
		<-ctx.Done()
		stop()
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("stub: deaf")
		select {}
	}
	os.Exit(0)
}

// argument returns the value of an argument of the form --name=value.
func argument(name string) string {
	for _, arg := range os.Args {
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return value
		}
	}
	return ""
}

// serve reports every object as Ready, at a URL that shows which environment
// the stub was given.
func serve() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, err := clientcmd.BuildConfigFromFlags("", argument("kubeconfig"))
	if err != nil {
		return err
	}
	c, err := NewClient(cfg)
	if err != nil {
		return err
	}
	w, err := client.NewWithWatch(cfg, client.Options{Scheme: c.Scheme()})
	if err != nil {
		return err
	}
	events, err := w.Watch(ctx, &v1alpha1.CommentsAPIList{})
	if err != nil {
		return err
	}
	defer events.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-events.ResultChan():
			obj, ok := event.Object.(*v1alpha1.CommentsAPI)
			if !ok || event.Type != watch.Added {
				continue
			}
			base := obj.DeepCopy()
			obj.Status.ObservedGeneration = obj.Generation
			obj.Status.InvokeURL = strings.NewReplacer("{apiId}", "a1", "{stage}", obj.Spec.Stage).Replace(argument("invoke-url-template")) +
				"/profile=" + os.Getenv("AWS_PROFILE") + "/region=" + os.Getenv("AWS_REGION")
			obj.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue,
				Reason: v1alpha1.ReasonAvailable, LastTransitionTime: metav1.Now()}}
			if err := c.Status().Patch(ctx, obj, client.MergeFrom(base)); err != nil {
				return err
			}
		}
	}
}
