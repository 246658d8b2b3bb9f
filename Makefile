.PHONY: build test check generate bench

build:    ## the program, as bin/secgen
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/secgen ./cmd/secgen

test:     ## what the README promises
	go test ./...

check:    ## everything that must hold before a change lands
	.ci/run

generate: ## lowered rules, Kubernetes types, documentation
	go generate ./...

bench:    ## every stage of the walk; SECGEN_CORPUS names the repositories to run on
	go test -run '^$$' -bench . -benchmem ./...
