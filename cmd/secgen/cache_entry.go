package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"sync"

	"github.com/secgen/secgen/load/source"
)

// entry is what a file of the cache holds.
type entry struct {
	Seen   []source.Seen
	Answer answer
}

// encodeEntry writes an entry in two parts: gob's description of its types, which
// is the same for all entries of a program, and the values.
func encodeEntry(e entry) ([]byte, error) {
	var types, values bytes.Buffer
	var both struct{ *bytes.Buffer }
	both.Buffer = &types
	enc := gob.NewEncoder(&both)
	if err := enc.Encode(entry{}); err != nil {
		return nil, err
	}
	both.Buffer = &values
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	out := binary.AppendUvarint(nil, uint64(types.Len()))
	return append(append(out, types.Bytes()...), values.Bytes()...), nil
}

// decoders read entries. To understand the types takes gob longer than to read the
// values, so a decoder that understands them is used again. They are safe for
// concurrent use.
type decoders struct {
	mu   sync.Mutex
	idle map[string][]*decoder // by the description of types
}

type decoder struct {
	feed bytes.Buffer
	gob  *gob.Decoder
}

func (d *decoders) decode(data []byte) (entry, error) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return entry{}, errors.New("no description of types")
	}
	types, values := string(data[size:size+int(n)]), data[size+int(n):]
	dec, err := d.take(types)
	if err != nil {
		return entry{}, err
	}
	dec.feed.Write(values)
	var e entry
	if err := dec.gob.Decode(&e); err != nil {
		return entry{}, err // and no more of this decoder
	}
	if dec.feed.Len() > 0 {
		return entry{}, errors.New("more than an entry")
	}
	d.put(types, dec)
	return e, nil
}

func (d *decoders) take(types string) (*decoder, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if idle := d.idle[types]; len(idle) > 0 {
		d.idle[types] = idle[:len(idle)-1]
		return idle[len(idle)-1], nil
	}
	dec := &decoder{}
	dec.gob = gob.NewDecoder(&dec.feed)
	dec.feed.WriteString(types)
	return dec, dec.gob.Decode(&entry{})
}

func (d *decoders) put(types string, dec *decoder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.idle == nil {
		d.idle = map[string][]*decoder{}
	}
	d.idle[types] = append(d.idle[types], dec)
}
