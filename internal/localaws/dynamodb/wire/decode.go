// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Unmarshaler is implemented by types that read themselves from generic JSON
// (the result of json.Decoder with UseNumber).
type Unmarshaler interface {
	UnmarshalWire(data any) error
}

// Decode reads the JSON object in body into the struct that into points to,
// and then checks the constraints in its field tags (see Validate).
//
// Fields are pointers, slices, maps, structs behind pointers or Unmarshalers,
// so that an absent member and JSON null are both nil. The Go names of the
// fields are the wire names.
func Decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var data any
	if err := d.Decode(&data); err != nil {
		return SerializationError("")
	}
	if _, err := d.Token(); err != io.EOF {
		return SerializationError("")
	}
	v := reflect.ValueOf(into).Elem()
	if err := bind(v, data, true); err != nil {
		return err
	}
	return validate(v)
}

// Bind stores generic JSON in the struct that into points to, without looking
// at constraints.
func Bind(data any, into any) error { return bind(reflect.ValueOf(into).Elem(), data, true) }

const (
	errStructure = SerializationError("Start of structure or map found where not expected")
	errField     = SerializationError("Unexpected field type")
	errValue     = SerializationError("Unexpected value type in payload")
)

var unmarshaler = reflect.TypeFor[Unmarshaler]()

// bind stores data in v. element says that v is a member of a list or map,
// for which AWS words one of its complaints differently.
func bind(v reflect.Value, data any, element bool) error {
	if data == nil {
		return nil
	}
	if v.CanAddr() && v.Addr().Type().Implements(unmarshaler) {
		return v.Addr().Interface().(Unmarshaler).UnmarshalWire(data)
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if err := bind(p.Elem(), data, element); err != nil {
			return err
		}
		v.Set(p)
		return nil
	case reflect.Struct:
		return bindStruct(v, data, element)
	case reflect.Slice:
		return bindList(v, data)
	case reflect.Map:
		return bindMap(v, data)
	case reflect.Interface:
		v.Set(reflect.ValueOf(data))
		return nil
	}
	return bindScalar(v, data)
}

func bindStruct(v reflect.Value, data any, element bool) error {
	switch data.(type) {
	case map[string]any:
	case []any:
		return collection(className(v.Type()))
	default:
		if element {
			return errValue
		}
		return errField
	}
	members := data.(map[string]any)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := members[f.Name]
		if f.Anonymous { // its members are the struct's own
			value = data
		}
		if err := bind(v.Field(i), value, false); err != nil {
			return err
		}
	}
	return nil
}

func bindList(v reflect.Value, data any) error {
	list, ok := data.([]any)
	if !ok {
		if _, isMap := data.(map[string]any); isMap {
			return errStructure
		}
		return errField
	}
	out := reflect.MakeSlice(v.Type(), len(list), len(list))
	for i, e := range list {
		if err := bind(out.Index(i), e, true); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

func bindMap(v reflect.Value, data any) error {
	members, ok := data.(map[string]any)
	if !ok {
		if _, isList := data.([]any); isList {
			return SerializationError("Unrecognized collection type java.util.Map<java.lang.String, " + javaType(v.Type().Elem()) + ">")
		}
		return errField
	}
	out := reflect.MakeMapWithSize(v.Type(), len(members))
	for name, e := range members {
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := bind(elem, e, true); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(name), elem)
	}
	v.Set(out)
	return nil
}

func bindScalar(v reflect.Value, data any) error {
	class := javaClass(v.Kind())
	switch d := data.(type) {
	case map[string]any:
		return errStructure
	case []any:
		return SerializationError("Unrecognized collection type class java.lang." + class)
	case bool:
		if v.Kind() != reflect.Bool {
			return SerializationError(strings.ToUpper(strconv.FormatBool(d)) + "_VALUE cannot be converted to " + class)
		}
		v.SetBool(d)
	case string:
		return bindText(v, d, class)
	case json.Number:
		return bindNumber(v, d, class)
	}
	return nil
}

func bindText(v reflect.Value, text, class string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		switch strings.ToLower(text) {
		case "true", "1", "yes":
			v.SetBool(true)
		case "false", "0", "no":
			v.SetBool(false)
		default:
			return SerializationError("Unexpected token received from parser")
		}
	default:
		return SerializationError("STRING_VALUE cannot be converted to " + class)
	}
	return nil
}

func bindNumber(v reflect.Value, n json.Number, class string) error {
	i, err := n.Int64()
	kind := "NUMBER_VALUE"
	if err != nil {
		kind = "DECIMAL_VALUE"
		f, ferr := n.Float64()
		if ferr != nil || math.Abs(f) >= 1<<62 {
			return SerializationError(kind + " cannot be converted to " + class)
		}
		i = int64(math.Floor(f)) // AWS cuts the fraction off
	}
	if v.Kind() != reflect.Int64 && v.Kind() != reflect.Int32 {
		return SerializationError(kind + " cannot be converted to " + class)
	}
	if v.OverflowInt(i) {
		return SerializationError(kind + " cannot be converted to " + class)
	}
	v.SetInt(i)
	return nil
}

func collection(class string) error {
	return SerializationError("Unrecognized collection type class " + class)
}

func javaClass(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "Boolean"
	case reflect.Int64:
		return "Long"
	case reflect.Int32:
		return "Integer"
	}
	return "String"
}

func javaType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return javaType(t.Elem())
	case reflect.String:
		return "java.lang.String"
	case reflect.Slice:
		return "java.util.List<" + javaType(t.Elem()) + ">"
	}
	return className(t)
}

// className is the Java class AWS's messages name: the Go type's name with an
// upper-case first letter, in DynamoDB's package.
func className(t reflect.Type) string {
	name := t.Name()
	if name == "Value" {
		name = "AttributeValue"
	}
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return "com.amazonaws.dynamodb.v20120810." + name
}
