// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

// The claim tags on an AWS resource. On a REST API there is a nonce as well,
// by which a creation whose answer was lost is found again.
const (
	TagPrefix       = "commentsapi.io/"
	TagCluster      = TagPrefix + "cluster"
	TagNamespace    = TagPrefix + "namespace"
	TagNamespaceUID = TagPrefix + "namespace-uid"
	TagName         = TagPrefix + "name"
	TagUID          = TagPrefix + "uid"
	TagNonce        = TagPrefix + "nonce"
	// TagAdopted marks a table that was not made by the operator: its items
	// may lack what the operator stores with each of its own.
	TagAdopted = TagPrefix + "adopted"
)

// Claim ties an AWS resource to one CommentsAPI.
type Claim struct {
	// ClusterID tells clusters apart that share an AWS account.
	ClusterID string
	Namespace string
	// NamespaceUID tells a namespace from an earlier one of the same name.
	NamespaceUID string
	Name         string
	// UID is the incarnation: the same namespace and name may live several
	// times, and a later life reclaims what an earlier one left.
	UID string
}

// Relation is what a resource's tags say to a claim.
type Relation int

// The relations of a resource to an object.
const (
	// Unclaimed: the resource carries no claim at all.
	Unclaimed Relation = iota
	// Ours: the claim is this object's.
	Ours
	// Earlier: the claim is an earlier incarnation's; it may be reclaimed.
	Earlier
	// Foreign: the claim is somebody else's.
	Foreign
)

// String names the relation for messages.
func (r Relation) String() string {
	switch r {
	case Ours:
		return "ours"
	case Earlier:
		return "an earlier incarnation's"
	case Foreign:
		return "somebody else's"
	default:
		return "unclaimed"
	}
}

// Mine reports whether the object may manage the resource.
func (r Relation) Mine() bool { return r == Ours || r == Earlier }

// Tags returns the claim as tags.
func (c Claim) Tags() map[string]string {
	return map[string]string{
		TagCluster:      c.ClusterID,
		TagNamespace:    c.Namespace,
		TagNamespaceUID: c.NamespaceUID,
		TagName:         c.Name,
		TagUID:          c.UID,
	}
}

// ClaimOf reads a claim from tags; what is missing there is empty.
func ClaimOf(tags map[string]string) Claim {
	return Claim{ClusterID: tags[TagCluster], Namespace: tags[TagNamespace], NamespaceUID: tags[TagNamespaceUID],
		Name: tags[TagName], UID: tags[TagUID]}
}

// Relation compares the claim with a resource's tags. A claim that is
// incomplete is somebody else's: half a claim must never be taken for ours.
func (c Claim) Relation(tags map[string]string) Relation {
	present := false
	for key := range c.Tags() {
		if _, ok := tags[key]; ok {
			present = true
		}
	}
	switch {
	case !present:
		return Unclaimed
	case tags[TagCluster] != c.ClusterID,
		tags[TagNamespace] != c.Namespace,
		tags[TagNamespaceUID] != c.NamespaceUID,
		tags[TagName] != c.Name:
		return Foreign
	case tags[TagUID] == c.UID:
		return Ours
	case tags[TagUID] == "":
		return Foreign
	default:
		return Earlier
	}
}
