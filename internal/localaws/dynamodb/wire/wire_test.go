// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commentsapi/operator/internal/localaws/dynamodb/wire"
)

type inner struct {
	Word *string `aws:"required,enum=A|B"`
}

type input struct {
	TableName *string `aws:"name,len=3:5"`
	Count     *int32  `aws:"range=1:10"`
	Flag      *bool
	List      []inner `aws:"len=1:2"`
	Map       map[string]*inner
	Later     any `aws:"unsupported"`
}

func TestDecode(t *testing.T) {
	var in input
	if err := wire.Decode([]byte(`{"TableName":"abc","Count":3,"Flag":true,"List":[{"Word":"A"}],"Map":{"k":{"Word":"B"}},"tablename":"no","Unknown":[1]}`), &in); err != nil {
		t.Fatal(err)
	}
	if *in.TableName != "abc" || *in.Count != 3 || !*in.Flag || *in.List[0].Word != "A" || *in.Map["k"].Word != "B" {
		t.Errorf("decoded %+v", in)
	}
}

func TestDecodeRefusals(t *testing.T) {
	const pre = "1 validation error detected: Value "
	tests := []struct {
		body string
		want error
	}{
		{`{`, wire.SerializationError("")},
		{`{} {}`, wire.SerializationError("")},
		{`{"TableName":1}`, wire.SerializationError("NUMBER_VALUE cannot be converted to String")},
		{`{"TableName":1.5}`, wire.SerializationError("DECIMAL_VALUE cannot be converted to String")},
		{`{"Count":"1"}`, wire.SerializationError("STRING_VALUE cannot be converted to Integer")},
		{`{"Count":1e99}`, wire.SerializationError("DECIMAL_VALUE cannot be converted to Integer")},
		{`{"Count":99999999999}`, wire.SerializationError("NUMBER_VALUE cannot be converted to Integer")},
		{`{"Flag":"perhaps"}`, wire.SerializationError("Unexpected token received from parser")},
		{`{"List":{}}`, wire.SerializationError("Start of structure or map found where not expected")},
		{`{"List":[1]}`, wire.SerializationError("Unexpected value type in payload")},
		{`{"Map":[]}`, wire.SerializationError("Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.Inner>")},
		{`{"TableName":"ab"}`, wire.ValidationError(pre + "'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3")},
		{`{"TableName":"a b"}`, wire.ValidationError(pre + "'a b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")},
		{`{"Count":11}`, wire.ValidationError(pre + "'11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10")},
		{`{"List":[{"Word":"C"}]}`, wire.ValidationError(pre + "'C' at 'list.1.member.word' failed to satisfy constraint: Member must satisfy enum value set: [A, B]")},
		{`{"Map":{"k":{}}}`, wire.ValidationError(pre + "null at 'map.k.member.word' failed to satisfy constraint: Member must not be null")},
		{`{"List":[]}`, wire.ValidationError(pre + "'[]' at 'list' failed to satisfy constraint: Member must have length greater than or equal to 1")},
		{`{"Later":{"x":1}}`, wire.ValidationError("The local AWS does not implement later; leave it out")},
		{`{"TableName":"ab","Count":0}`, wire.ValidationError("2 validation errors detected: Value 'ab' at 'tableName' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 3; Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1")},
	}
	for _, tt := range tests {
		err := wire.Decode([]byte(tt.body), &input{})
		if diff := cmp.Diff(tt.want.Error(), errorText(err)); diff != "" || !sameKind(err, tt.want) {
			t.Errorf("%s: %T %v\nwant %T %v", tt.body, err, err, tt.want, tt.want)
		}
	}
}

func TestDecodeAcceptsNullAsAbsent(t *testing.T) {
	in := input{}
	if err := wire.Decode([]byte(`{"TableName":null,"List":null,"Later":null}`), &in); err != nil || in.TableName != nil || in.List != nil {
		t.Errorf("%+v, %v; want absent members", in, err)
	}
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

func sameKind(got, want error) bool {
	var s wire.SerializationError
	return errors.As(got, &s) == errors.As(want, &s)
}
