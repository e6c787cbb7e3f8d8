// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package dynamodb

import "encoding/binary"

type scanInput struct {
	itemInput
	readInput
	Segment       *int32 `aws:"range=0:999999"`
	TotalSegments *int32 `aws:"range=1:1000000"`
	ScanFilter    any    `aws:"unsupported"`
}

func (in *scanInput) resources(c *call) []string {
	return indexResources(c, *in.TableName, in.IndexName)
}

func scan(c *call, in *scanInput) (any, error) {
	if err := in.checkSelect("Scanning"); err != nil {
		return nil, err
	}
	if err := checkStartKey(in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	if err := in.checkSegments(); err != nil {
		return nil, err
	}
	e, err := parse(in.ExpressionAttributeNames, in.ExpressionAttributeValues, sources{
		filter: in.FilterExpression, projection: in.ProjectionExpression, valueUsers: []string{"FilterExpression"},
	})
	if err != nil {
		return nil, err
	}
	t, err := c.serving(*in.TableName)
	if err != nil {
		return nil, err
	}
	s, err := c.source(t, &in.readInput)
	if err != nil {
		return nil, err
	}
	if in.ExclusiveStartKey != nil {
		if len(in.ExclusiveStartKey) != len(s.position) {
			if s.index != nil {
				return nil, validation("The provided starting key is invalid")
			}
			return nil, validation("The provided starting key is invalid: The provided key element does not match the schema")
		}
		if err := s.startKeyFits(in.ExclusiveStartKey); err != nil {
			return nil, err
		}
	}
	if err := s.checkExpressions(&in.readInput, e, false); err != nil {
		return nil, err
	}
	r := in.span()
	if start := in.ExclusiveStartKey; start != nil {
		if p := s.start(start); p < r.from || r.before != "" && p >= r.before {
			return nil, validation("The provided starting key is invalid: Invalid ExclusiveStartKey. "+
				"Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", *in.TotalSegments, *in.Segment)
		}
	}
	return c.page(s, &in.itemInput, &in.readInput, e, r), nil
}

func (in *scanInput) checkSegments() error {
	switch {
	case in.Segment == nil && in.TotalSegments == nil:
	case in.TotalSegments == nil:
		return validation("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.Segment == nil:
		return validation("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *in.Segment >= *in.TotalSegments:
		return validation("The Segment parameter is zero-based and must be less than parameter TotalSegments: "+
			"Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	return nil
}

// span is the part of the key space the segment covers. Positions begin with
// four bytes of a hash, so equal shares of those are about equal shares of
// the partitions.
func (in *scanInput) span() span {
	if in.TotalSegments == nil || *in.TotalSegments == 1 {
		return span{}
	}
	bound := func(segment int32) string {
		b := make([]byte, 4)
		binary.BigEndian.PutUint32(b, uint32((uint64(segment)<<32)/uint64(*in.TotalSegments)))
		return string(b)
	}
	r := span{from: bound(*in.Segment)}
	if *in.Segment+1 < *in.TotalSegments {
		r.before = bound(*in.Segment + 1)
	}
	return r
}
