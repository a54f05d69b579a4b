# make run is all that a camera needs; make help lists the rest.
# Written for GNU make 3.81, which is what macOS has.

GO ?= go
BIN := .build/bin

# The packages without C: they and their tests also build where there is no C compiler.
PURE := ./capture ./capture/capturetest ./capture/feed ./capture/h264 ./capture/passthrough ./capture/pattern ./capture/preferences ./capture/soc ./capture/v4l2 ./capture/y4m ./peer/... ./signal/... ./web/...

# Benchmarks that print figures, how long each fuzz target runs, and the soak.
BENCH ?= Figures
FUZZTIME ?= 10s
SOAK ?= 30m

# The version stands in the file name: another version is another file.
LINT_VERSION := v2.6.2
LINT := $(BIN)/golangci-lint-$(LINT_VERSION)

# Written by npm when it is done.
NODE_MODULES := web/browsertest/node_modules/.package-lock.json

ifeq ($(shell uname -s),Darwin)
export PKG_CONFIG_PATH := $(shell brew --prefix)/lib/pkgconfig:$(shell brew --prefix)/opt/jpeg-turbo/lib/pkgconfig:$(PKG_CONFIG_PATH)
endif

.PHONY: help run build static deps deps-test deps-arm64 go check test test-go test-pure test-browser test-lab soak lint bench fuzz clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: build ## install what is missing, build, and serve the camera (ARGS="--codec vp8 ...")
	./pushcam $(ARGS)

build: deps go ## build ./pushcam
	$(GO) build -trimpath -o pushcam ./cmd/pushcam

# Debian's libraries of the other architecture: make deps-arm64 installs them.
TRIPLE = $(if $(filter arm64,$(GOARCH)),aarch64-linux-gnu,$(shell gcc -dumpmachine))
STATIC = .build/pushcam-linux-$(or $(GOARCH),$(shell $(GO) env GOARCH))
static: go ## build one file without libraries, for another Linux (GOARCH=arm64 for a Raspberry Pi)
	CGO_ENABLED=1 GOOS=linux CC=$(TRIPLE)-gcc PKG_CONFIG_LIBDIR=/usr/lib/$(TRIPLE)/pkgconfig CGO_LDFLAGS="-lm -ldl" \
		$(GO) build -trimpath -tags netgo,osusergo -ldflags '-s -w -extldflags "-static"' -o $(STATIC) ./cmd/pushcam

deps: ## install what a build needs, if it is missing
	@.ci/install build

deps-test: ## install what the tests need, if it is missing
	@.ci/install test

deps-arm64: ## install what make static GOARCH=arm64 needs, if it is missing
	@.ci/install arm64

go:
	@command -v $(GO) >/dev/null || { \
		echo "pushcam is built with Go $$(sed -n 's/^go //p' go.mod) or later, which is not here: see https://go.dev/dl/" >&2; exit 1; }
	@$(GO) list -m >/dev/null || { \
		echo "pushcam is built with Go $$(sed -n 's/^go //p' go.mod) or later, here is $$(GOTOOLCHAIN=local $(GO) env GOVERSION): see https://go.dev/dl/" >&2; exit 1; }

check: build ## the quick tests: format, vet, unit tests without -race
	@unformatted=$$(gofmt -l capture cmd peer signal web); \
		test -z "$$unformatted" || { echo "not gofmt: $$unformatted" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) test ./...

test: deps-test go test-go test-pure lint test-browser test-lab ## install what is missing and run all tests

test-go: ## all Go tests with the race detector
	$(GO) test -race -timeout 20m ./...

test-pure: ## the packages without C build without a C compiler, too
	CGO_ENABLED=0 $(GO) vet $(PURE)

# One after the other, as the first measures; the states wait most of the time.
test-browser: $(NODE_MODULES) ## the page in headless Chromium and Firefox
	$(GO) test -tags browser -count 1 -timeout 30m -v ./web/browsertest
	$(GO) test -tags browser -count 1 -timeout 30m -v -parallel 6 ./web/browsertest/states

$(NODE_MODULES): web/browsertest/package-lock.json
	npm ci --prefix web/browsertest

test-lab: ## the program on a real V4L2 device, in a virtual machine
	@rm -f .build/lab/recovery-*.txt
	$(GO) test -tags lab -count 1 -timeout 30m ./cmd/pushcam/lab/...
	@cat .build/lab/recovery-*.txt

soak: deps go ## 500 viewers come and go; then the whole program under stress for SOAK (30m): neither may grow
	SOAK=$(SOAK) $(GO) test -race -count 1 -timeout 0 -v -run '^TestChurn$$' ./peer
	SOAK=$(SOAK) $(GO) test -count 1 -timeout 0 -v -run '^TestSoak$$' ./cmd/pushcam

lint: $(LINT) ## golangci-lint with .golangci.yml, which vets too
	$(LINT) run

$(LINT):
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv $(BIN)/golangci-lint $@

# With the browser's, where there is one.
BENCH_TAGS = $(if $(shell which chromium 2>/dev/null),-tags browser)
bench: deps go ## print the figures (BENCH=. for all benchmarks)
	@$(GO) version; uname -srm
	@$(GO) test $(BENCH_TAGS) -run '^$$' -bench '$(BENCH)' -benchtime 2s -p 1 -timeout 30m ./... | awk -f .ci/table.awk

fuzz: deps go ## run each fuzz target for FUZZTIME (10s)
	@set -e; for file in $$(grep -l '^func Fuzz' $$(find capture cmd peer signal web -name '*_test.go')); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$file); do \
			echo "== $$target in $$(dirname $$file)"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./$$(dirname $$file); \
		done; \
	done

clean: ## remove what was built here
	rm -rf pushcam .build
