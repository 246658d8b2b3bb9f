// Package pack writes data that one build of secgen hands to itself: the compiled
// rules that it brings, and what workers tell the main process. Such data is read at
// every start, so that its form has to be small and quick: JSON takes several times as
// long, gob as well where texts repeat.
//
// It promises the same bytes for equal values, and an error for bytes that are cut
// off. It is no form to keep: reader and writer are of one build.
package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Encode writes what a pointer points to: any tree of structs, pointers, slices,
// maps by string, strings, booleans and integers; each string once, and of a struct
// only the exported fields that are not zero. Its error names the type that has no
// form.
func Encode(value any) ([]byte, error) {
	e := &encoder{index: map[string]uint64{}, fields: fields{}}
	if err := e.write(reflect.Indirect(reflect.ValueOf(value))); err != nil {
		return nil, err
	}
	out := binary.AppendUvarint(nil, uint64(len(e.table)))
	for _, s := range e.table {
		out = binary.AppendUvarint(out, uint64(len(s)))
	}
	out = append(out, strings.Join(e.table, "")...)
	return append(out, e.body...), nil
}

type encoder struct {
	index  map[string]uint64
	table  []string
	body   []byte
	fields fields
}

func (e *encoder) uint(n uint64) { e.body = binary.AppendUvarint(e.body, n) }

func (e *encoder) string(s string) {
	i, ok := e.index[s]
	if !ok {
		i = uint64(len(e.table))
		e.index[s] = i
		e.table = append(e.table, s)
	}
	e.uint(i)
}

func (e *encoder) write(v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		e.string(v.String())
	case reflect.Bool:
		if v.Bool() {
			e.uint(1)
		} else {
			e.uint(0)
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		e.body = binary.AppendVarint(e.body, v.Int())
	case reflect.Uint8:
		e.uint(v.Uint())
	case reflect.Pointer:
		if v.IsNil() {
			e.uint(0)
			return nil
		}
		e.uint(1)
		return e.write(v.Elem())
	case reflect.Slice:
		return e.slice(v)
	case reflect.Map:
		return e.mapping(v)
	case reflect.Struct:
		return e.structure(v)
	default:
		return fmt.Errorf("no form for a %s", v.Type())
	}
	return nil
}

func (e *encoder) slice(v reflect.Value) error {
	if v.IsNil() {
		e.uint(0)
		return nil
	}
	e.uint(uint64(v.Len()) + 1)
	for i := range v.Len() {
		if err := e.write(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) mapping(v reflect.Value) error {
	if v.IsNil() {
		e.uint(0)
		return nil
	}
	e.uint(uint64(v.Len()) + 1)
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		e.string(key.String())
		if err := e.write(v.MapIndex(key)); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) structure(v reflect.Value) error {
	var mask uint64
	fields := e.fields.of(v.Type())
	for bit, i := range fields {
		if !v.Field(i).IsZero() {
			mask |= 1 << bit
		}
	}
	e.uint(mask)
	for bit, i := range fields {
		if mask&(1<<bit) != 0 {
			if err := e.write(v.Field(i)); err != nil {
				return fmt.Errorf("%s: %w", v.Type().Field(i).Name, err)
			}
		}
	}
	return nil
}

// fields are the exported fields of structs, of which each may have 64.
type fields map[reflect.Type][]int

func (f fields) of(t reflect.Type) []int {
	if known, ok := f[t]; ok {
		return known
	}
	out := []int{}
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			out = append(out, i)
		}
	}
	f[t] = out
	return out
}

// Decode reads what Encode wrote into what a pointer points to.
func Decode(text []byte, into any) error {
	d := &decoder{rest: text, fields: fields{}}
	lengths := make([]uint64, d.length())
	var total uint64
	for i := range lengths {
		lengths[i] = d.uint()
		if total += lengths[i]; lengths[i] > uint64(len(text)) || total > uint64(len(text)) {
			return errTruncated
		}
	}
	d.table = make([]string, len(lengths))
	if total > uint64(len(d.rest)) {
		return errTruncated
	}
	all := string(d.rest[:total])
	d.rest = d.rest[total:]
	for i, n := range lengths {
		d.table[i], all = all[:n], all[n:]
	}
	d.read(reflect.ValueOf(into).Elem())
	return d.err
}

var errTruncated = errors.New("packed data is cut off or of another build")

type decoder struct {
	rest   []byte
	table  []string
	fields fields
	err    error
}

func (d *decoder) uint() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.err, d.rest = errTruncated, nil
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// length is one more than the number of things that follow, each at least one
// byte, or 0.
func (d *decoder) length() uint64 {
	n := d.uint()
	if n > uint64(len(d.rest))+1 {
		d.err, d.rest = errTruncated, nil
		return 0
	}
	return n
}

func (d *decoder) string() string {
	i := d.uint()
	if i >= uint64(len(d.table)) {
		d.err = errTruncated
		return ""
	}
	return d.table[i]
}

func (d *decoder) read(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(d.string())
	case reflect.Bool:
		v.SetBool(d.uint() == 1)
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, size := binary.Varint(d.rest)
		if size <= 0 {
			d.err, d.rest = errTruncated, nil
			return
		}
		d.rest = d.rest[size:]
		v.SetInt(n)
	case reflect.Uint8:
		v.SetUint(d.uint())
	case reflect.Pointer:
		if d.uint() == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			d.read(v.Elem())
		}
	case reflect.Slice:
		if n := d.length(); n > 0 {
			d.slice(v, int(n-1))
		}
	case reflect.Map:
		d.mapping(v)
	case reflect.Struct:
		d.structure(v)
	}
}

// slice makes room as it reads: bytes that are damaged may promise more in every
// list of every list than there is.
func (d *decoder) slice(v reflect.Value, n int) {
	v.Set(reflect.MakeSlice(v.Type(), 0, min(n, 16)))
	for i := 0; i < n && d.err == nil; i++ {
		if i == v.Cap() {
			v.Grow(min(n-i, i))
		}
		v.SetLen(i + 1)
		d.read(v.Index(i))
	}
}

func (d *decoder) mapping(v reflect.Value) {
	n := d.length()
	if n == 0 {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i := uint64(1); i < n && d.err == nil; i++ {
		key := reflect.ValueOf(d.string()).Convert(v.Type().Key())
		value := reflect.New(v.Type().Elem()).Elem()
		d.read(value)
		v.SetMapIndex(key, value)
	}
}

func (d *decoder) structure(v reflect.Value) {
	fields := d.fields.of(v.Type())
	mask := d.uint()
	for bit, i := range fields {
		if mask&(1<<bit) != 0 && d.err == nil {
			d.read(v.Field(i))
		}
	}
}
