// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package velocity

// The dialect of API Gateway: what Options.NullAsEmpty changes from Velocity
// 1.7. Everything else is Velocity's, whether AWS was seen to do it or not.
//
//   - A reference without a value prints nothing, where Velocity prints the
//     reference as it is written (aws-facts E1: a missing node "renders as
//     nothing").
//   - Such a value is equal to "" in == and != (aws-facts E1: "compares equal
//     to both $null (undefined) and """).
//   - In "a" + $missing it adds nothing, where Velocity adds the text of the
//     reference; by the first rule.
//
// In either dialect #include, #parse and #evaluate are refused when the
// template is parsed (aws-facts E), a #foreach ends after MaxForeach passes
// (aws-facts A3), a JSON number prints as it was written, and there is no
// reflection: $x.class has no value.

// nullToEmpty makes "" of a missing operand of a comparison with a string.
func nullToEmpty(a, b any) (any, any) {
	if _, ok := b.(string); ok && a == nil {
		a = ""
	}
	if _, ok := a.(string); ok && b == nil {
		b = ""
	}
	return a, b
}

// missingOperand is what + adds for an operand without a value.
func (s *state) missingOperand(o operand) string {
	if s.opt.NullAsEmpty {
		return ""
	}
	return o.text
}
