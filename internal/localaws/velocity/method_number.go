// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
)

func entryMethod(e *Entry, name string, args []any) (any, error) {
	switch name + "/" + strconv.Itoa(len(args)) {
	case "getKey/0":
		return e.Key, nil
	case "getValue/0":
		return e.Value, nil
	case "setValue/1":
		old := e.Value
		e.Value = args[0]
		return old, nil
	}
	return nil, ErrNoMethod
}

// numberMethod calls a method of Integer, Long, Double or Boolean.
func numberMethod(v any, name string, args []any) (any, error) {
	if b, ok := v.(bool); ok {
		switch name + "/" + strconv.Itoa(len(args)) {
		case "booleanValue/0":
			return b, nil
		case "compareTo/1":
			if other, ok := args[0].(bool); ok {
				return compareBools(b, other), nil
			}
		}
		return nil, ErrNoMethod
	}
	switch name + "/" + strconv.Itoa(len(args)) {
	case "intValue/0", "longValue/0", "shortValue/0", "byteValue/0":
		n := truncate(v)
		switch name {
		case "intValue":
			return int64(int32(n)), nil
		case "shortValue":
			return int64(int16(n)), nil
		case "byteValue":
			return int64(int8(n)), nil
		}
		return n, nil
	case "doubleValue/0", "floatValue/0":
		return asFloat(v), nil
	case "isNaN/0", "isInfinite/0":
		if f, ok := toFloat(v); ok {
			return name == "isNaN" && math.IsNaN(f) || name == "isInfinite" && math.IsInf(f, 0), nil
		}
	case "compareTo/1":
		if isNumber(args[0]) && isFraction(v) == isFraction(args[0]) {
			return int64(compareNumbers(v, args[0])), nil
		}
	case "parseInt/1", "valueOf/1":
		str, ok := args[0].(string)
		if !ok || isFraction(v) {
			break
		}
		n, err := strconv.ParseInt(str, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s(%q): not an integer", name, str)
		}
		return n, nil
	}
	return nil, ErrNoMethod
}

func compareBools(a, b bool) int64 {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func isFraction(v any) bool {
	_, ok := toFloat(v)
	return ok
}

// truncate is the number as a long.
func truncate(v any) int64 {
	if f, ok := toFloat(v); ok {
		switch {
		case math.IsNaN(f):
			return 0
		case f >= math.MaxInt64:
			return math.MaxInt64
		case f <= math.MinInt64:
			return math.MinInt64
		}
		return int64(f)
	}
	if n, ok := v.(int64); ok {
		return n
	}
	return int64(new(big.Int).And(toBig(v), new(big.Int).SetUint64(math.MaxUint64)).Uint64())
}
