// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

// The truth of a literal, a list, a map or arithmetic is false: Velocity
// tests only references, comparisons, logic and booleans.

func (e constExpr) value(*state) (any, error) { return e.v, nil }
func (constExpr) truth(*state) (bool, error)  { return false, nil }
func (e boolExpr) value(*state) (any, error)  { return bool(e), nil }
func (e boolExpr) truth(*state) (bool, error) { return bool(e), nil }
func (stringExpr) truth(*state) (bool, error) { return false, nil }
func (listExpr) truth(*state) (bool, error)   { return false, nil }
func (mapExpr) truth(*state) (bool, error)    { return false, nil }
func (rangeExpr) truth(*state) (bool, error)  { return false, nil }
func (mathExpr) truth(*state) (bool, error)   { return false, nil }

func (e stringExpr) value(s *state) (any, error) {
	text, err := s.capture(e.body)
	if err != nil {
		return nil, err
	}
	// The blank that stringLiteral appended.
	if n := len(text); n > 0 && !e.comment {
		text = text[:n-1]
	}
	return text, nil
}

func (e listExpr) value(s *state) (any, error) {
	l := &List{Items: make([]any, len(e))}
	for i, x := range e {
		if err := s.step(1); err != nil {
			return nil, err
		}
		v, err := x.value(s)
		if err != nil {
			return nil, err
		}
		l.Items[i] = v
	}
	return l, nil
}

func (e mapExpr) value(s *state) (any, error) {
	m := &Map{}
	for _, pair := range e {
		if err := s.step(1); err != nil {
			return nil, err
		}
		k, err := pair.key.value(s)
		if err != nil {
			return nil, err
		}
		v, err := pair.val.value(s)
		if err != nil {
			return nil, err
		}
		m.Put(k, v)
	}
	return m, nil
}

// value is the list of a range, which counts down when it has to; no value
// when an end is not an integer.
func (e rangeExpr) value(s *state) (any, error) {
	from, err := e.from.value(s)
	if err != nil {
		return nil, err
	}
	to, err := e.to.value(s)
	if err != nil {
		return nil, err
	}
	a, aok := integer(from)
	b, bok := integer(to)
	if !aok || !bok {
		return nil, nil
	}
	step := int64(1)
	if a > b {
		step = -1
	}
	n := uint64(b-a) * uint64(step)
	if n >= uint64(s.opt.MaxSteps) {
		return nil, errTooMuchWork
	}
	if err := s.step(int(n) + 1); err != nil {
		return nil, err
	}
	l := &List{Items: make([]any, 0, n+1)}
	for i := a; ; i += step {
		l.Items = append(l.Items, i)
		if i == b {
			return l, nil
		}
	}
}

func (e notExpr) value(s *state) (any, error) { return e.truth(s) }

func (e notExpr) truth(s *state) (bool, error) {
	yes, err := e.x.truth(s)
	return !yes, err
}

func (e logicExpr) value(s *state) (any, error) { return e.truth(s) }

func (e logicExpr) truth(s *state) (bool, error) {
	left, err := e.left.truth(s)
	if err != nil || left != e.and {
		return left, err
	}
	return e.right.truth(s)
}

func (e compareExpr) value(s *state) (any, error) { return e.truth(s) }

func (e compareExpr) truth(s *state) (bool, error) {
	left, err := e.left.value(s)
	if err != nil {
		return false, err
	}
	right, err := e.right.value(s)
	if err != nil {
		return false, err
	}
	switch e.op {
	case "==":
		return s.looseEquals(left, right)
	case "!=":
		yes, err := s.looseEquals(left, right)
		return !yes, err
	}
	if !isNumber(left) || !isNumber(right) {
		return false, nil
	}
	c := compareNumbers(left, right)
	switch e.op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	default:
		return c >= 0, nil
	}
}
