// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Package dataplane serves what the control plane of the local API Gateway
// deployed: a request to an invoke URL runs through resource policy,
// authorization, API keys, throttling, validation, mapping templates, the
// integration and its response mapping, in the order AWS does it.
//
// The specification is aws-facts A2, A3, D4 to D6, E, F and G5. Where a fact is
// unconfirmed, the choice made here is the one that fails visibly. What is not
// implemented answers 500 and says so in the execution log; it never pretends.
package dataplane
