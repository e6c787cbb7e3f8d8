// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxErrors is how many violations AWS reports at once.
const maxErrors = 10

// namePattern is the only pattern DynamoDB's model uses for names.
const namePattern = "[a-zA-Z0-9_.-]+"

var nameRegexp = regexp.MustCompile("^(?:" + namePattern + ")$")

// validate checks the aws tags of a struct and all it contains:
//
//	required          must not be null
//	table             a table's name or ARN; for these two mistakes AWS has
//	                  texts of their own, reported before anything else
//	name              must match [a-zA-Z0-9_.-]+ (an ARN is left alone)
//	len=a:b           length of a text, list or map (b may be empty)
//	range=a:b         a number's range (b may be empty)
//	enum=A|B          one of
//	keys              a map's keys are table names
//	values=a:b        length of each list in a map
//	unsupported       must be absent, because the local AWS doesn't do it
//
// Violations are reported together, at most ten, as AWS does.
func validate(v reflect.Value) error {
	c := checker{}
	c.structure(v, "")
	if c.unsupported != "" {
		return ValidationError("The local AWS does not implement " + c.unsupported + "; leave it out")
	}
	if c.first != "" {
		return ValidationError(c.first)
	}
	if len(c.errors) == 0 {
		return nil
	}
	plural := ""
	if len(c.errors) > 1 {
		plural = "s"
	}
	return ValidationError(fmt.Sprintf("%d validation error%s detected: %s", len(c.errors), plural, strings.Join(c.errors, "; ")))
}

type checker struct {
	errors      []string
	first       string
	unsupported string
}

func (c *checker) fail(path string, v reflect.Value, constraint string) {
	if len(c.errors) < maxErrors {
		c.errors = append(c.errors, "Value "+show(v)+" at '"+path+"' failed to satisfy constraint: "+constraint)
	}
}

func (c *checker) structure(v reflect.Value, path string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			c.structure(v.Field(i), path)
			continue
		}
		tag := f.Tag.Get("aws")
		if tag == "table" {
			c.table(v.Field(i), f.Name)
			tag = "name"
		}
		c.member(v.Field(i), join(path, lowerFirst(f.Name)), tag)
	}
}

func (c *checker) table(v reflect.Value, name string) {
	if v.IsNil() {
		c.first = "The parameter '" + name + "' is required but was not present in the request"
		return
	}
	text := v.Elem().String()
	if n := len(text); !strings.HasPrefix(text, "arn:") && (n < 3 || n > 255) {
		c.first = name + " must be at least 3 characters long and at most 255 characters long"
	}
}

func (c *checker) member(v reflect.Value, path, tag string) {
	if isNil(v) {
		if slices.Contains(strings.Split(tag, ","), "required") {
			c.fail(path, v, "Member must not be null")
		}
		return
	}
	for _, rule := range strings.Split(tag, ",") {
		name, arg, _ := strings.Cut(rule, "=")
		c.rule(v, path, name, arg)
	}
	c.inside(v, path)
}

func (c *checker) inside(v reflect.Value, path string) {
	if v.CanAddr() && v.Addr().Type().Implements(unmarshaler) {
		return
	}
	if k := v.Kind(); (k == reflect.Slice || k == reflect.Map) && reflect.PointerTo(v.Type().Elem()).Implements(unmarshaler) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		c.inside(v.Elem(), path)
	case reflect.Struct:
		if !v.Type().Implements(unmarshaler) && !reflect.PointerTo(v.Type()).Implements(unmarshaler) {
			c.structure(v, path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.inside(v.Index(i), path+"."+strconv.Itoa(i+1)+".member")
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			c.inside(v.MapIndex(k), path+"."+k.String()+".member")
		}
	}
}

func (c *checker) rule(v reflect.Value, path, name, arg string) {
	switch name {
	case "unsupported":
		if c.unsupported == "" {
			c.unsupported = path
		}
	case "name":
		if text := v.Elem().String(); !nameRegexp.MatchString(text) && !strings.HasPrefix(text, "arn:") {
			c.fail(path, v, "Member must satisfy regular expression pattern: "+namePattern)
		}
	case "enum":
		allowed := strings.Split(arg, "|")
		if !slices.Contains(allowed, v.Elem().String()) {
			c.fail(path, v, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
		}
	case "len":
		low, high := bounds(arg)
		n := length(v)
		if v.Kind() == reflect.Pointer && strings.HasPrefix(v.Elem().String(), "arn:") {
			high = 1024
		}
		if n < low {
			c.fail(path, v, fmt.Sprintf("Member must have length greater than or equal to %d", low))
		}
		if n > high {
			c.fail(path, v, fmt.Sprintf("Member must have length less than or equal to %d", high))
		}
	case "range":
		low, high := bounds(arg)
		n := v.Elem().Int()
		if n < low {
			c.fail(path, v, fmt.Sprintf("Member must have value greater than or equal to %d", low))
		}
		if n > high {
			c.fail(path, v, fmt.Sprintf("Member must have value less than or equal to %d", high))
		}
	case "keys":
		c.keys(v, path)
	case "values":
		c.values(v, path, arg)
	}
}

func (c *checker) keys(v reflect.Value, path string) {
	for _, k := range sortedKeys(v) {
		name := k.String()
		if (len(name) < 3 || len(name) > 255 || !nameRegexp.MatchString(name)) && !strings.HasPrefix(name, "arn:") {
			c.fail(path, v, "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "+
				"Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: "+namePattern+"]")
		}
	}
}

func (c *checker) values(v reflect.Value, path, arg string) {
	low, high := bounds(arg)
	for _, k := range sortedKeys(v) {
		if n := length(v.MapIndex(k)); n < low || n > high {
			c.fail(path, v, fmt.Sprintf("Map value must satisfy constraint: [Member must have length less than or equal to %d, "+
				"Member must have length greater than or equal to %d]", high, low))
		}
	}
}

func bounds(arg string) (low, high int64) {
	a, b, _ := strings.Cut(arg, ":")
	low, _ = strconv.ParseInt(a, 10, 64)
	high, err := strconv.ParseInt(b, 10, 64)
	if err != nil {
		high = 1 << 62
	}
	return low, high
}

func length(v reflect.Value) int64 {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return int64(v.Len())
}

func sortedKeys(v reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int {
		return strings.Compare(a.String(), b.String())
	})
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	}
	return false
}

// show prints a value as AWS's messages do: text in quotes, lists in brackets.
func show(v reflect.Value) string {
	if isNil(v) {
		return "null"
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Struct:
		b, err := json.Marshal(v.Interface())
		if err != nil {
			return "'" + v.Type().String() + "'"
		}
		return "'" + string(b) + "'"
	}
	return fmt.Sprintf("'%v'", v.Interface())
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
