// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// strict reads one JSON value and refuses keys that are there twice, which is
// how an injected one would hide.
func strict(source string) (any, error) {
	d := json.NewDecoder(strings.NewReader(source))
	d.UseNumber()
	value, err := next(d)
	if err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one value")
	}
	return value, nil
}

func next(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		all := object{}
		for d.More() {
			key, err := next(d)
			if err != nil {
				return nil, err
			}
			name, _ := key.(string)
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("the key %q twice", name)
			}
			if all[name], err = next(d); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return all, err
	case json.Delim('['):
		all := []any{}
		for d.More() {
			one, err := next(d)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		_, err = d.Token()
		return all, err
	}
	return token, nil
}
