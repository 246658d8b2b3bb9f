package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// loopCommand is the hidden command under which bench starts the loop.
const loopCommand = "loop"

// loop is the yardstick: two goroutines build roots below top with kustomize's
// library and throw the result away.
func loop(top string, roots []string) error {
	http.DefaultTransport = refuse{}
	jobs := make(chan string)
	errs := make(chan error, len(roots))
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for root := range jobs {
				if err := build(filepath.Join(top, root)); err != nil {
					errs <- fmt.Errorf("%s: %w", root, err)
				}
			}
		})
	}
	for _, root := range roots {
		jobs <- root
	}
	close(jobs)
	group.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// refuse keeps a build off the network. Its PATH is empty, so that kustomize finds
// no git either.
type refuse struct{}

func (refuse) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("no network: %s", r.URL)
}

func build(dir string) error {
	_, err := krusty.MakeKustomizer(&krusty.Options{
		Reorder:          krusty.ReorderOptionNone,
		LoadRestrictions: types.LoadRestrictionsNone,
		PluginConfig:     types.DisabledPluginConfig(),
	}).Run(filesys.MakeFsOnDisk(), dir)
	return err
}
