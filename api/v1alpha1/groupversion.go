// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 is the contract of CommentsAPI: the object a website owner
// writes and the status the operator reports on it.
//
// +kubebuilder:object:generate=true
// +groupName=commentsapi.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of the types in this package.
var GroupVersion = schema.GroupVersion{Group: "commentsapi.io", Version: "v1alpha1"}

// AddToScheme registers the types with a scheme.
var AddToScheme = schemeBuilder.AddToScheme

var schemeBuilder = runtime.NewSchemeBuilder(func(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &CommentsAPI{}, &CommentsAPIList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
})
