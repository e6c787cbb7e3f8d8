// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"strings"
	"testing"

	"github.com/commentsapi/operator/internal/stack"
)

// identity are the fields by which a resource is found: they can't differ.
var identity = map[string]bool{
	"Table.Name": true, "Table.Indexes.Name": true, "Role.Name": true, "Role.Path": true, "Stage.Name": true,
	"ModeratorRole.Name": true, "ModeratorRole.Path": true,
	// Another key is another table, which blocks (TestForeignResourcesBlockEverything).
	"Table.PartitionKey": true,
	// These are told by ProjectAll and Projected together.
	"Table.Indexes.Shape.ProjectAll": true,
}

// TestEveryOwnedFieldIsCompared changes each field of the observed stack, one
// at a time, found by reflection: a field that is added to the types and not
// to the comparison fails here.
func TestEveryOwnedFieldIsCompared(t *testing.T) {
	cases := 0
	for _, path := range leaves(reflect.TypeFor[stack.Stack](), "") {
		if identity[path] {
			continue
		}
		cases++
		t.Run(path, func(t *testing.T) {
			o := found()
			root, rest := resource(&o, path)
			mutate(t, root, strings.Split(rest, "."))
			if p := Diff(wanted(), o, context()); len(p.Changes()) == 0 {
				t.Errorf("a difference in %s is not seen", path)
			}
		})
	}
	if cases < 60 {
		t.Errorf("%d fields were tried; the walk lost some", cases)
	}
}

// leaves lists the paths of all fields that hold a value.
func leaves(typ reflect.Type, path string) []string {
	switch typ.Kind() {
	case reflect.Struct:
		var out []string
		for i := range typ.NumField() {
			out = append(out, leaves(typ.Field(i).Type, strings.TrimPrefix(path+"."+typ.Field(i).Name, "."))...)
		}
		return out
	case reflect.Pointer:
		return leaves(typ.Elem(), path)
	case reflect.Map, reflect.Slice:
		if inner := leaves(typ.Elem(), path); typ.Elem().Kind() == reflect.Struct {
			return inner
		}
	}
	return []string{path}
}

// resource returns the observed resource of a path, and the path in it.
func resource(o *stack.Observed, path string) (reflect.Value, string) {
	name, rest, _ := strings.Cut(path, ".")
	switch name {
	case "Table":
		return reflect.ValueOf(&o.Table.Table).Elem(), rest
	case "Role":
		return reflect.ValueOf(&o.Role.Role).Elem(), rest
	case "ModeratorRole":
		return reflect.ValueOf(&o.ModeratorRole.Role).Elem(), rest
	case "Key":
		return reflect.ValueOf(&o.Key.APIKey).Elem(), rest
	case "UsagePlan":
		return reflect.ValueOf(&o.UsagePlan.UsagePlan).Elem(), rest
	case "API":
		return reflect.ValueOf(&o.API.API).Elem(), rest
	}
	stages := reflect.ValueOf(o.API).Elem().FieldByName("Stages")
	copied := reflect.New(stages.Type().Elem()).Elem()
	copied.Set(stages.MapIndex(reflect.ValueOf("prod")))
	o.API.Stages = map[string]stack.ObservedStage{}
	return onSet{copied, func(v reflect.Value) { o.API.Stages["prod"] = v.Interface().(stack.ObservedStage) }}.value(), rest
}

// onSet writes a copied map entry back, now and after it is changed.
type onSet struct {
	copied reflect.Value
	write  func(reflect.Value)
}

func (s onSet) value() reflect.Value {
	pendingWrites = append(pendingWrites, func() { s.write(s.copied) })
	return s.copied.FieldByName("Stage")
}

// pendingWrites are carried out after a mutation, innermost first.
var pendingWrites []func()

// mutate changes the value at the path below v.
func mutate(t *testing.T, v reflect.Value, path []string) {
	t.Helper()
	defer func() {
		for i := len(pendingWrites) - 1; i >= 0; i-- {
			pendingWrites[i]()
		}
		pendingWrites = nil
	}()
	for _, name := range path {
		v = descend(v).FieldByName(name)
	}
	change(v)
}

// descend steps into the only entry of a map or slice of structs.
func descend(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Map:
		key := v.MapKeys()[0]
		entry := reflect.New(v.Type().Elem()).Elem()
		entry.Set(v.MapIndex(key))
		pendingWrites = append(pendingWrites, func() { v.SetMapIndex(key, entry) })
		return entry
	case reflect.Slice:
		return v.Index(0)
	case reflect.Pointer:
		return v.Elem()
	default:
		return v
	}
}

// change gives a value another one.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.Append(v, reflect.ValueOf("x").Convert(v.Type().Elem())))
			return
		}
		v.Set(v.Slice(0, v.Len()-1))
	case reflect.Map:
		for _, key := range v.MapKeys() {
			// Without the claim nothing would be planned at all.
			if !strings.HasPrefix(key.String(), stack.TagPrefix) {
				v.SetMapIndex(key, reflect.Value{})
			}
		}
	default:
		panic("no way to change a " + v.Kind().String())
	}
}
