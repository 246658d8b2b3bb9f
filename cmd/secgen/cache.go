package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/secgen/secgen/load/discover"
	"github.com/secgen/secgen/load/render"
	"github.com/secgen/secgen/load/source"
)

// cacheFormat changes with everything that is written.
const cacheFormat = "secgen-cache-2\n"

// How much the cache may hold, and what is left after it was cleaned.
const (
	cacheLimit = 256 << 20
	cacheKeep  = 192 << 20
)

// cache keeps what workers found of a root in the user's cache folder. An entry
// holds for as long as every question that the worker asked of the repository has
// the same answer: content of files, listings of folders, absence of paths. What
// is kept has no value of a Secret: it is what reports are made of.
//
// A nil cache keeps nothing. It is safe for concurrent use, by several processes
// too: entries are written beside their place and moved there.
type cache struct {
	dir  string
	tree *source.Tree
	// common is what all keys of this run share: program, rules, limits.
	common   []byte
	decoders decoders

	mu      sync.Mutex
	answers map[source.Seen]string // questions without Answer -> answers of now
}

// openCache returns the cache of this user for the rules. Where there can be none,
// the error says why.
func openCache(tree *source.Tree, program string, rules *ruleSelection) (*cache, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(base, "secgen")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !ownedByUser(info) {
		return nil, fmt.Errorf("%s is not a folder of this user alone (mode 0700)", dir)
	}
	built, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	common, err := json.Marshal(struct {
		Version, Top string
		Size, Built  int64
		Rules        *ruleSelection
		Limits       source.Limits
	}{version(), tree.Top(), built.Size(), built.ModTime().UnixNano(), rules, tree.Limits()})
	if err != nil {
		return nil, err
	}
	return &cache{dir: dir, tree: tree, common: common, answers: map[source.Seen]string{}}, nil
}

// file is where the entry of a root is kept.
func (c *cache) file(root discover.Root, options render.Options) (string, error) {
	text, err := json.Marshal(struct {
		Root    discover.Root
		Options render.Options
	}{root, options})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat(c.common, []byte{0}, text))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:])), nil
}

// get returns what is kept of a root, if it still holds. Whatever is wrong with an
// entry makes it as good as none.
func (c *cache) get(root discover.Root, options render.Options) (answer, bool) {
	if c == nil {
		return answer{}, false
	}
	file, err := c.file(root, options)
	if err != nil {
		return answer{}, false
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return answer{}, false
	}
	payload, ok := bytes.CutPrefix(data, []byte(cacheFormat))
	if !ok || len(payload) < sha256.Size {
		return answer{}, false
	}
	sum := checksum(file, payload[sha256.Size:])
	if !bytes.Equal(sum[:], payload[:sha256.Size]) {
		return answer{}, false
	}
	e, err := c.decoders.decode(payload[sha256.Size:])
	if err != nil {
		return answer{}, false
	}
	if len(e.Seen) == 0 {
		return answer{}, false // a result that was made of nothing would hold for ever
	}
	return e.Answer, !slices.ContainsFunc(e.Seen, func(s source.Seen) bool { return c.now(s) != s.Answer })
}

// now answers a question today; each is asked once a run.
func (c *cache) now(s source.Seen) string {
	s.Answer = ""
	c.mu.Lock()
	answer, known := c.answers[s]
	c.mu.Unlock()
	if !known {
		answer = c.tree.Answer(s.Ask, s.Path)
		c.mu.Lock()
		c.answers[s] = answer
		c.mu.Unlock()
	}
	return answer
}

// put keeps what a worker found of a root. Errors are not told: a cache that
// cannot be written costs time and nothing else.
func (c *cache) put(root discover.Root, options render.Options, a answer) {
	if c == nil {
		return
	}
	file, err := c.file(root, options)
	if err != nil {
		return
	}
	seen := a.Seen
	a.Seen, a.Took = nil, took{} // what took time once takes none any more
	payload, err := encodeEntry(entry{Seen: seen, Answer: a})
	if err != nil {
		return
	}
	sum := checksum(file, payload)
	_ = writeAside(file, slices.Concat([]byte(cacheFormat), sum[:], payload))
}

// checksum covers the entry's name too, which says what it is of.
func checksum(file string, payload []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(filepath.Base(file)), payload...))
}

// writeAside writes a file beside its place and moves it there.
func writeAside(file string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what is left of the attempt
	}
	return err
}

// clean removes the entries that were not written for the longest time, once the
// cache holds more than its limit, and what killed runs left.
func (c *cache) clean() {
	if c == nil {
		return
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var infos []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			infos = append(infos, info)
			total += info.Size()
		}
	}
	if total <= cacheLimit {
		return
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for _, info := range infos {
		if total <= cacheKeep {
			return
		}
		if os.Remove(filepath.Join(c.dir, info.Name())) == nil {
			total -= info.Size()
		}
	}
}
