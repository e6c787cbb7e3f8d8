// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package attr_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/attr"
)

func TestH1_NumbersAreCanonical(t *testing.T) {
	tests := []struct{ in, want, problem string }{
		{in: "007", want: "7"},
		{in: "+1.50", want: "1.5"},
		{in: "-0", want: "0"},
		{in: "1e3", want: "1000"},
		{in: ".5", want: "0.5"},
		{in: "5.", want: "5"},
		{in: "-12.340E-3", want: "-0.01234"},
		{in: "1E125", want: "1" + strings.Repeat("0", 125)},
		{in: "1E-130", want: "0." + strings.Repeat("0", 129) + "1"},
		{in: "12345678901234567890123456789012345678", want: "12345678901234567890123456789012345678"},
		{in: "1" + strings.Repeat("0", 60), want: "1" + strings.Repeat("0", 60)},
		{in: "123456789012345678901234567890123456789", problem: "more than 38 significant digits"},
		{in: "1E126", problem: "Number overflow"},
		{in: "1E-131", problem: "Number underflow"},
		{in: "1E999999999999999999999", problem: "Number overflow"},
		{in: "-1E-999999999999999999999", problem: "Number underflow"},
		{in: "", problem: "cannot be converted to a numeric value"},
		{in: ".", problem: "cannot be converted"},
		{in: "1e", problem: "cannot be converted"},
		{in: "1e+", problem: "cannot be converted"},
		{in: "1 ", problem: "cannot be converted"},
		{in: "0x10", problem: "cannot be converted"},
		{in: "Infinity", problem: "cannot be converted"},
	}
	for _, tt := range tests {
		n, err := attr.ParseNumber(tt.in)
		switch {
		case tt.problem != "":
			if err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("ParseNumber(%q) = %s, %v; want an error with %q", tt.in, n, err, tt.problem)
			}
		case err != nil || n.String() != tt.want:
			t.Errorf("ParseNumber(%q) = %s, %v; want %s", tt.in, n, err, tt.want)
		}
	}
}

// number draws decimal texts of moderate size, so that math/big agrees on
// every detail.
func number(t *rapid.T, name string) (string, *big.Rat) {
	text := rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,12})?(E-?[0-9])?`).Draw(t, name)
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("math/big does not read %q", text)
	}
	return text, r
}

func TestNumbersAgreeWithMathBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, ar := number(t, "a")
		bt, br := number(t, "b")
		a, err := attr.ParseNumber(at)
		if err != nil {
			t.Fatal(err)
		}
		b, err := attr.ParseNumber(bt)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := a.Compare(b), ar.Cmp(br); got != want {
			t.Fatalf("%s compared to %s = %d; want %d", at, bt, got, want)
		}
		sum, err := a.Add(b)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := new(big.Rat).SetString(sum.String())
		if want := new(big.Rat).Add(ar, br); !ok || got.Cmp(want) != 0 {
			t.Fatalf("%s + %s = %s; want %s", at, bt, sum, want.FloatString(20))
		}
	})
}

func TestAddLeavesTheRange(t *testing.T) {
	big1, _ := attr.ParseNumber("9E125")
	if _, err := big1.Add(big1); err == nil || !strings.Contains(err.Error(), "overflow") {
		t.Errorf("9E125 + 9E125: %v; want an overflow", err)
	}
	one, _ := attr.ParseNumber("1")
	tiny, _ := attr.ParseNumber("1E-100")
	if _, err := one.Add(tiny); err == nil || !strings.Contains(err.Error(), "38 significant digits") {
		t.Errorf("1 + 1E-100: %v; want too many digits", err)
	}
	if sum, err := one.Add(one.Negate()); err != nil || sum.String() != "0" {
		t.Errorf("1 - 1 = %s, %v; want 0", sum, err)
	}
}

func scalar(t *rapid.T, name string, kind attr.Kind) attr.Value {
	v := attr.Value{Kind: kind}
	if kind == attr.N {
		text, _ := number(t, name)
		n, err := attr.ParseNumber(text)
		if err != nil {
			t.Fatal(err)
		}
		v.Str = n.String()
		return v
	}
	v.Str = string(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 'b', 0xfe, 0xff}), 0, 5).Draw(t, name))
	return v
}

func TestKeysSortLikeTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]attr.Kind{attr.S, attr.N, attr.B}).Draw(t, "kind")
		a, b := scalar(t, "a", kind), scalar(t, "b", kind)
		// Whatever follows must not matter unless the values are equal.
		ka := append(attr.AppendKey(nil, a), rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "tail a")...)
		kb := append(attr.AppendKey(nil, b), rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "tail b")...)
		want, _ := attr.Compare(a, b)
		if got := bytes.Compare(ka, kb); want != 0 && got != want {
			t.Fatalf("keys of %q and %q compare %d; want %d", a.Str, b.Str, got, want)
		}
		if kind != attr.N {
			begins := bytes.HasPrefix(attr.AppendKey(nil, a), attr.AppendKeyPrefix(nil, b))
			if want := strings.HasPrefix(a.Str, b.Str); begins != want {
				t.Fatalf("key of %q begins with the prefix of %q: %t; want %t", a.Str, b.Str, begins, want)
			}
		}
	})
}

func TestWireFormRoundTrip(t *testing.T) {
	const in = `{"b":{"B":"AP8="},"bs":{"BS":["AA==","AQ=="]},"l":{"L":[{"S":"<é\u0001\"\\>&"},{"NULL":true}]},"m":{"M":{"x":{"BOOL":false}}},"n":{"N":"1.5"},"ns":{"NS":["1","2"]},"s":{"S":""},"ss":{"SS":["a","b"]}}`
	var data map[string]any
	if err := json.Unmarshal([]byte(in), &data); err != nil {
		t.Fatal(err)
	}
	item := attr.Item{}
	for name, d := range data {
		var v attr.Value
		if err := v.UnmarshalWire(d); err != nil {
			t.Fatal(err)
		}
		item[name] = v
	}
	if p := item.Problem(); p != "" {
		t.Fatal(p)
	}
	out, err := item.MarshalJSON()
	if err != nil || string(out) != in {
		t.Errorf("round trip: %v\n got %s\nwant %s", err, out, in)
	}
}

func TestDepthIsLimited(t *testing.T) {
	nested := func(depth int) attr.Value {
		var data any = map[string]any{"S": "x"}
		for range depth {
			data = map[string]any{"L": []any{data}}
		}
		var v attr.Value
		if err := v.UnmarshalWire(data); err != nil {
			t.Fatal(err)
		}
		return v
	}
	for depth, want := range map[int]string{32: "", 33: "Nesting Levels have exceeded supported limits", 3000: "Nesting Levels have exceeded supported limits"} {
		if got := nested(depth).Problem(); got != want {
			t.Errorf("%d levels: %q; want %q", depth, got, want)
		}
	}
}

func TestH1_SizesCountNamesAndValues(t *testing.T) {
	number := func(s string) attr.Item { return attr.Item{"": {Kind: attr.N, Str: s}} }
	tests := []struct {
		item attr.Item
		want int
	}{
		{nil, 0},
		{attr.Item{"name": attr.String("é")}, 6},
		{attr.Item{"b": {Kind: attr.BOOL}, "n": {Kind: attr.NULL}}, 4},
		{attr.Item{"l": {Kind: attr.L, List: []attr.Value{attr.String("abc"), attr.String("def")}}}, 12},
		{attr.Item{"m": {Kind: attr.M, Map: attr.Item{"k": attr.String("v")}}}, 7},
		{attr.Item{"s": {Kind: attr.SS, Set: []string{"ab", "c"}}}, 4},
		{number("0"), 1},
		{number("1"), 2},
		{number("-1"), 3},
		{number("12"), 2},
		{number("123"), 3},
		{number("100"), 2},
	}
	for _, tt := range tests {
		if got := tt.item.Size(); got != tt.want {
			t.Errorf("size of %v = %d; want %d", tt.item, got, tt.want)
		}
	}
}
