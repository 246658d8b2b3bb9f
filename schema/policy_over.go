package schema

import "reflect"

// Over is the policy of one environment over the one for all, field by field: what
// it does not say holds as it is for all. Maps are joined, a list takes the place
// of the other one; the tag over:"add" on a field joins lists, over:"whole" takes
// its value as one. Either policy may be nil.
func (p *Policy) Over(all *Policy) *Policy {
	switch {
	case p == nil:
		return all
	case all == nil:
		return p
	}
	out := over(reflect.ValueOf(*p), reflect.ValueOf(*all), "").Interface().(Policy)
	return &out
}

// For returns what holds for a namespace: its own policy over the defaults, as Over
// has it.
func (p *Policy) For(namespace string) NamespacePolicy {
	if p == nil {
		return NamespacePolicy{}
	}
	return over(reflect.ValueOf(p.Namespaces[namespace]), reflect.ValueOf(p.Defaults), "").Interface().(NamespacePolicy)
}

// over merges two values of one type into a new one. A list that is empty and not
// nil says that there are none.
func over(high, low reflect.Value, how string) reflect.Value {
	switch {
	case high.IsZero():
		return low
	case how == "whole" || low.IsZero():
		return high
	}
	switch high.Kind() {
	case reflect.Struct:
		out := reflect.New(high.Type()).Elem()
		for i := range high.NumField() {
			out.Field(i).Set(over(high.Field(i), low.Field(i), high.Type().Field(i).Tag.Get("over")))
		}
		return out
	case reflect.Map:
		out := reflect.MakeMap(high.Type())
		for _, key := range low.MapKeys() {
			out.SetMapIndex(key, low.MapIndex(key))
		}
		for _, key := range high.MapKeys() {
			value := high.MapIndex(key)
			if other := low.MapIndex(key); other.IsValid() {
				value = over(value, other, "")
			}
			out.SetMapIndex(key, value)
		}
		return out
	case reflect.Slice:
		if how == "add" {
			return reflect.AppendSlice(high.Slice3(0, high.Len(), high.Len()), low)
		}
	case reflect.Pointer:
		if high.Elem().Kind() == reflect.Struct {
			out := reflect.New(high.Elem().Type())
			out.Elem().Set(over(high.Elem(), low.Elem(), ""))
			return out
		}
	}
	return high
}
