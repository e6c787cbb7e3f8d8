// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package attr

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/wire"
)

const (
	problemEmpty    = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	problemMany     = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	problemNull     = "One or more parameter values were invalid: Null attribute value types must have the value of true"
	problemEmptySS  = "One or more parameter values were invalid: An string set  may not be empty"
	problemEmptyNS  = "One or more parameter values were invalid: An number set  may not be empty"
	problemEmptyBS  = "One or more parameter values were invalid: Binary sets should not be empty"
	problemTooDeep  = "Nesting Levels have exceeded supported limits"
	problemNSRepeat = "Input collection contains duplicates"
)

// maxDepth is how many levels of lists and maps DynamoDB accepts.
const maxDepth = 32

// decodeLimit bounds the recursion of reading a request, well above what
// validation accepts.
const decodeLimit = 4 * maxDepth

// UnmarshalWire reads {"S":"text"}. Wrong JSON types are serialization errors;
// what is merely not a valid value becomes Kind Invalid, because AWS finds
// that out later (see Problem).
func (v *Value) UnmarshalWire(data any) error { return v.unmarshal(data, 0) }

func (v *Value) unmarshal(data any, depth int) error {
	members, ok := data.(map[string]any)
	if !ok {
		if _, isList := data.([]any); isList {
			return wire.SerializationError("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue")
		}
		return wire.SerializationError("Unexpected value type in payload")
	}
	if depth > decodeLimit {
		*v = Value{Kind: Invalid, Str: problemTooDeep}
		return nil
	}
	found := 0
	var first Value
	for kind := S; kind <= M; kind++ {
		d := members[kind.String()]
		if d == nil {
			continue
		}
		one := Value{Kind: kind}
		if err := one.fill(d, depth); err != nil {
			return err
		}
		if found == 0 || one.Kind == Invalid {
			first = one
		}
		found++
	}
	switch {
	case found == 0:
		*v = Value{Kind: Invalid, Str: problemEmpty}
	case found > 1 && first.Kind != Invalid:
		*v = Value{Kind: Invalid, Str: problemMany}
	default:
		*v = first
	}
	return nil
}

func (v *Value) fill(data any, depth int) error {
	switch v.Kind {
	case S, N:
		s, err := text(data)
		if err != nil {
			return err
		}
		v.Str = s
		if v.Kind == N {
			v.number()
		}
	case B:
		s, err := blob(data)
		if err != nil {
			return err
		}
		v.Str = s
	case BOOL, NULL:
		b, err := boolean(data)
		if err != nil {
			return err
		}
		v.Bool = b
		if v.Kind == NULL && !b {
			*v = Value{Kind: Invalid, Str: problemNull}
		}
	case SS, NS, BS:
		return v.fillSet(data)
	case L:
		list, err := list(data)
		if err != nil {
			return err
		}
		v.List = make([]Value, len(list))
		for i, e := range list {
			if err := v.List[i].unmarshal(e, depth+1); err != nil {
				return err
			}
		}
	case M:
		m, ok := data.(map[string]any)
		if !ok {
			if _, isList := data.([]any); isList {
				return wire.SerializationError("Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>")
			}
			return wire.SerializationError("Unexpected field type")
		}
		v.Map = make(Item, len(m))
		for name, e := range m {
			var one Value
			if err := one.unmarshal(e, depth+1); err != nil {
				return err
			}
			v.Map[name] = one
		}
	}
	if depth == 0 && v.Depth() > maxDepth {
		*v = Value{Kind: Invalid, Str: problemTooDeep}
	}
	return nil
}

func (v *Value) number() {
	n, err := ParseNumber(v.Str)
	if err != nil {
		*v = Value{Kind: Invalid, Str: err.Error()}
		return
	}
	v.Str = n.String()
}

func (v *Value) fillSet(data any) error {
	members, err := list(data)
	if err != nil {
		return err
	}
	read := text
	if v.Kind == BS {
		read = blob
	}
	shown := make([]string, len(members))
	for i, m := range members {
		s, err := read(m)
		if err != nil {
			return err
		}
		shown[i] = fmt.Sprint(m)
		v.Set = append(v.Set, s)
	}
	v.checkSet(shown)
	return nil
}

func (v *Value) checkSet(shown []string) {
	invalid := func(problem string) { *v = Value{Kind: Invalid, Str: problem} }
	if len(v.Set) == 0 {
		invalid(map[Kind]string{SS: problemEmptySS, NS: problemEmptyNS, BS: problemEmptyBS}[v.Kind])
		return
	}
	seen := make(map[string]bool, len(v.Set))
	for i, s := range v.Set {
		if v.Kind == NS {
			n, err := ParseNumber(s)
			if err != nil {
				invalid(err.Error())
				return
			}
			s = n.String()
			v.Set[i] = s
		}
		if seen[s] {
			all := "[" + strings.Join(shown, ", ") + "]"
			switch v.Kind {
			case SS:
				invalid("One or more parameter values were invalid: Input collection " + all + " contains duplicates.")
			case BS:
				invalid("One or more parameter values were invalid: Input collection " + all + "of type BS contains duplicates.")
			default:
				invalid(problemNSRepeat)
			}
			return
		}
		seen[s] = true
	}
}

func text(data any) (string, error) {
	switch d := data.(type) {
	case string:
		return d, nil
	case bool:
		return "", wire.SerializationError(strings.ToUpper(strconv.FormatBool(d)) + "_VALUE cannot be converted to String")
	case json.Number:
		if strings.ContainsAny(d.String(), ".eE") {
			return "", wire.SerializationError("DECIMAL_VALUE cannot be converted to String")
		}
		return "", wire.SerializationError("NUMBER_VALUE cannot be converted to String")
	case []any:
		return "", wire.SerializationError("Unrecognized collection type class java.lang.String")
	}
	return "", wire.SerializationError("Start of structure or map found where not expected")
}

func blob(data any) (string, error) {
	switch d := data.(type) {
	case string:
		if len(d)%4 != 0 {
			return "", wire.SerializationError(fmt.Sprintf("Base64 encoded length is expected a multiple of 4 bytes but found: %d", len(d)))
		}
		b, err := base64.StdEncoding.Strict().DecodeString(d)
		if err != nil {
			return "", wire.SerializationError("Invalid last non-pad Base64 character dectected")
		}
		return string(b), nil
	case []any:
		return "", wire.SerializationError("Unrecognized collection type class java.nio.ByteBuffer")
	case map[string]any:
		return "", wire.SerializationError("Start of structure or map found where not expected")
	}
	return "", wire.SerializationError("only base-64-encoded strings are convertible to bytes")
}

func boolean(data any) (bool, error) {
	var b struct{ V *bool }
	err := wire.Bind(map[string]any{"V": data}, &b)
	if err != nil || b.V == nil {
		return false, err
	}
	return *b.V, nil
}

func list(data any) ([]any, error) {
	switch d := data.(type) {
	case []any:
		return d, nil
	case map[string]any:
		return nil, wire.SerializationError("Start of structure or map found where not expected")
	}
	return nil, wire.SerializationError("Unexpected field type")
}
