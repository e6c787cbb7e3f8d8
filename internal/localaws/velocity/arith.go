// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

import (
	"math"
	"math/big"
)

func isNumber(v any) bool {
	switch v.(type) {
	case int64, float64, Decimal, *big.Int:
		return true
	}
	return false
}

// integer is the value of an Integer or Long.
func integer(v any) (int64, bool) {
	n, ok := v.(int64)
	return n, ok
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case Decimal:
		return v.Value, true
	}
	return 0, false
}

func toBig(v any) *big.Int {
	if n, ok := v.(int64); ok {
		return big.NewInt(n)
	}
	n, _ := v.(*big.Int)
	return n
}

// asFloat is the number as a double.
func asFloat(v any) float64 {
	if f, ok := toFloat(v); ok {
		return f
	}
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	f, _ := new(big.Float).SetInt(toBig(v)).Float64()
	return f
}

func compareNumbers(a, b any) int {
	_, af := toFloat(a)
	_, bf := toFloat(b)
	if !af && !bf {
		return toBig(a).Cmp(toBig(b))
	}
	x, y := asFloat(a), asFloat(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (e mathExpr) value(s *state) (any, error) {
	left, err := e.left.value(s)
	if err != nil {
		return nil, err
	}
	right, err := e.right.value(s)
	if err != nil {
		return nil, err
	}
	if e.op == '+' {
		_, l := left.(string)
		_, r := right.(string)
		if l || r {
			return s.concat(e, left, right)
		}
	}
	if !isNumber(left) || !isNumber(right) {
		return nil, nil
	}
	_, lf := toFloat(left)
	_, rf := toFloat(right)
	if lf || rf {
		return floatMath(e.op, asFloat(left), asFloat(right)), nil
	}
	return intMath(e.op, toBig(left), toBig(right)), nil
}

func (s *state) concat(e mathExpr, left, right any) (any, error) {
	a, b := s.missingOperand(e.left), s.missingOperand(e.right)
	var err error
	if left != nil {
		if a, err = s.text(left); err != nil {
			return nil, err
		}
	}
	if right != nil {
		if b, err = s.text(right); err != nil {
			return nil, err
		}
	}
	if err := s.made(len(a) + len(b)); err != nil {
		return nil, err
	}
	return a + b, nil
}

// floatMath computes with doubles. Division by zero has no value.
func floatMath(op byte, a, b float64) any {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	}
	if b == 0 {
		return nil
	}
	if op == '/' {
		return a / b
	}
	return math.Mod(a, b)
}

// intMath computes with integers, truncating division as Java does. A result
// that does not fit a long becomes a BigInteger; division by zero has no
// value.
func intMath(op byte, a, b *big.Int) any {
	r := new(big.Int)
	switch op {
	case '+':
		r.Add(a, b)
	case '-':
		r.Sub(a, b)
	case '*':
		r.Mul(a, b)
	default:
		if b.Sign() == 0 {
			return nil
		}
		if op == '/' {
			r.Quo(a, b)
		} else {
			r.Rem(a, b)
		}
	}
	if r.IsInt64() {
		return r.Int64()
	}
	if r.BitLen() > maxDigits*4 {
		return nil
	}
	return r
}
