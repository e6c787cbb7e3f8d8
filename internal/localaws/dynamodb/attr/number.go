// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package attr

import (
	"math/big"
	"strconv"
	"strings"
)

// DynamoDB's number range: 38 significant digits, magnitudes from 1E-130 to
// 9.99...E+125 (aws-facts H1 and the data type limits it cites).
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// Number is a decimal number in DynamoDB's range. The zero Number is 0.
type Number struct {
	negative bool
	// digits are the significant digits, without zeros at either end; the
	// value is d.ddd times ten to the exponent. Zero has no digits.
	digits   string
	exponent int
}

// NumberError says why a number can't be stored, in DynamoDB's words.
type NumberError string

// Error returns DynamoDB's text.
func (e NumberError) Error() string { return string(e) }

const (
	errNotANumber NumberError = "The parameter cannot be converted to a numeric value"
	errOverflow   NumberError = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	errUnderflow  NumberError = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	errDigits     NumberError = "Attempting to store more than 38 significant digits in a Number"
)

// ParseNumber reads a decimal number. The error is a NumberError.
func ParseNumber(s string) (Number, error) {
	n, ok := scanNumber(s)
	if !ok {
		if s == "" {
			return Number{}, errNotANumber
		}
		return Number{}, errNotANumber + ": " + NumberError(s)
	}
	return n, n.inRange()
}

func (n Number) inRange() error {
	switch {
	case n.digits == "":
		return nil
	case n.exponent > maxExponent:
		return errOverflow
	case n.exponent < minExponent:
		return errUnderflow
	case len(n.digits) > maxDigits:
		return errDigits
	}
	return nil
}

func scanNumber(s string) (Number, bool) {
	var n Number
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n.negative = s[0] == '-'
		s = s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, ok := scanExponent(s[i+1:])
		if !ok {
			return n, false
		}
		exponent, s = e, s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return n, false
	}
	exponent += len(whole) - 1
	trimmed := strings.TrimLeft(digits, "0")
	exponent -= len(digits) - len(trimmed)
	n.digits = strings.TrimRight(trimmed, "0")
	if n.digits == "" {
		return Number{}, true
	}
	n.exponent = exponent
	return n, true
}

func scanExponent(s string) (int, bool) {
	digits := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(s, "+"), "-"), "0")
	if s == "" || strings.Trim(s[1:], "0123456789") != "" || s == "-" || s == "+" {
		return 0, false
	}
	if s[0] != '-' && s[0] != '+' && (s[0] < '0' || s[0] > '9') {
		return 0, false
	}
	if len(digits) > 6 { // far out of range either way; keep the sign
		digits = "999999"
	}
	e, err := strconv.Atoi("0" + digits)
	if err != nil {
		return 0, false
	}
	if s[0] == '-' {
		e = -e
	}
	return e, true
}

// mustNumber parses the text of a value that is known to be valid.
func mustNumber(s string) Number {
	n, _ := scanNumber(s)
	return n
}

// String returns the canonical form: plain decimal, never with an exponent.
func (n Number) String() string {
	if n.digits == "" {
		return "0"
	}
	var b strings.Builder
	if n.negative {
		b.WriteByte('-')
	}
	switch {
	case n.exponent < 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", -n.exponent-1))
		b.WriteString(n.digits)
	case len(n.digits) <= n.exponent+1:
		b.WriteString(n.digits)
		b.WriteString(strings.Repeat("0", n.exponent+1-len(n.digits)))
	default:
		b.WriteString(n.digits[:n.exponent+1])
		b.WriteByte('.')
		b.WriteString(n.digits[n.exponent+1:])
	}
	return b.String()
}

// Compare returns -1, 0 or 1 as n is less than, equal to or greater than o.
func (n Number) Compare(o Number) int {
	return strings.Compare(string(n.appendKey(nil)), string(o.appendKey(nil)))
}

// Add returns n+o, or the error DynamoDB gives when that leaves its range.
func (n Number) Add(o Number) (Number, error) {
	low := min(n.lowest(), o.lowest())
	sum := new(big.Int).Add(n.scaled(low), o.scaled(low))
	r, _ := scanNumber(sum.String())
	if r.digits != "" {
		r.exponent += low
	}
	return r, r.inRange()
}

// Negate returns -n.
func (n Number) Negate() Number {
	if n.digits != "" {
		n.negative = !n.negative
	}
	return n
}

// lowest is the power of ten of the last significant digit.
func (n Number) lowest() int { return n.exponent - len(n.digits) + 1 }

func (n Number) scaled(low int) *big.Int {
	i := new(big.Int)
	if n.digits == "" {
		return i
	}
	i.SetString(n.digits+strings.Repeat("0", n.lowest()-low), 10)
	if n.negative {
		i.Neg(i)
	}
	return i
}

// size is the number's size in bytes: two digits a byte, plus one, plus one
// for a sign.
func (n Number) size() int {
	d := len(n.digits)
	if d == 0 {
		return 1
	}
	size := 1 + (d+1)/2
	if d%2 == 0 && n.exponent%2 == 0 {
		size++ // pairs of digits straddle the decimal point
	}
	if n.negative {
		size++
	}
	return size
}
