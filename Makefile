.PHONY: build test check generate bench bench-stages

build:    ## the program, as bin/secgen
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/secgen ./cmd/secgen

test:     ## what the README promises
	go test ./...

check:    ## everything that must hold before a change lands
	.ci/run

generate: ## lowered rules, Kubernetes types, documentation
	go generate ./...

bench: build ## secgen beside a plain loop of kustomize; SECGEN_CORPUS names the repositories to run on
	go run ./load/bench

bench-stages: ## every stage of the walk by itself
	go test -run '^$$' -bench . -benchmem ./...
