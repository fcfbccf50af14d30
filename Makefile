# Keyferry. `make help` lists what can be asked for.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION ?= 0.1.0
# One way to build for the programs, the checks and the tests, so that no package is compiled twice. The race detector needs cgo.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath -buildvcs=false
LDFLAGS := -s -w -X main.version=$(VERSION)
TOOLS := build/tools
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEPGUARD := github.com/OpenPeeDeeP/depguard/v2/cmd/depguard@v2.2.1
NPM := npm --prefix extension

BROWSERS := chromium=chromium firefox-esr=firefox-esr
TEST_PACKAGES := $(BROWSERS) pinentry-curses=pinentry-curses pinentry-tty=pinentry-tty zenity=zenity Xvfb=xvfb \
	dbus-run-session=dbus-daemon gnome-keyring-daemon=gnome-keyring keepassxc-cli=keepassxc gpg=gnupg gdb=gdb zip=zip argon2=argon2

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup-demo build relying-party ## watch Keyferry register and sign in, in a real browser (DEMO_BROWSER=firefox for the other)
	node extension/e2e/demo.mjs

.PHONY: test
test: setup-test lint build test-size build-test test-go test-fuzz test-extension test-e2e ## everything that has to hold: lint, Go, extension, both browsers
	@echo "make test: all green"

.PHONY: build
build: build/keyferry build-extension ## the binary at build/keyferry, the unpacked extensions at build/chrome and build/firefox

.PHONY: build/keyferry
build/keyferry:
	@mkdir -p build
	go build -ldflags '$(LDFLAGS)' -o $@ ./host/cmd/keyferry

# More than this is no program that a person downloads to try something out. Flags of one library can double it: see host/cmdline.
MAX_SIZE := 20000000

.PHONY: test-size
test-size: build/keyferry
	@size=$$(wc -c <build/keyferry); [ "$$size" -le $(MAX_SIZE) ] || { \
		echo "build/keyferry has $$size bytes, more than $(MAX_SIZE): go build -ldflags=-dumpdep says what keeps what"; exit 1; }

.PHONY: build-extension
build-extension: extension/node_modules
	$(NPM) run --silent build

.PHONY: build-test
build-test: extension/node_modules ## test versions of the three under build/test (they grant consent by a setting)
	@mkdir -p build/test
	go build -tags keyferrytest -ldflags '$(LDFLAGS)' -o build/test/keyferry ./host/cmd/keyferry
	$(NPM) run --silent build:test

.PHONY: relying-party
relying-party:
	@mkdir -p build/test
	go build -o build/test/relyingparty ./extension/e2e/relyingparty

.PHONY: lint
lint: extension/node_modules $(TOOLS)/staticcheck $(TOOLS)/depguard ## formatting, vet, staticcheck, import directions, types
	@bad=$$(gofmt -l host vault cxp installers extension/e2e); [ -z "$$bad" ] || { echo "not gofmt'ed: $$bad"; exit 1; }
	go vet ./...
	go vet -tags keyferrytest ./host/...
	$(TOOLS)/staticcheck ./...
	$(TOOLS)/depguard ./...
	$(NPM) run --silent lint

.PHONY: test-go
test-go: ## Go tests, with the race detector where goroutines meet (`make lint` is what vets)
	.ci/gotest -vet=off -tags cheapkdf -timeout 10m -- ./...
	.ci/gotest -vet=off -timeout 5m -tags keyferrytest -- ./host/cmd/keyferry ./host/paths ./installers
	CGO_ENABLED=1 .ci/gotest -vet=off -race -tags cheapkdf -timeout 10m -short -- ./host/... ./vault/...

# The parsers that strangers' bytes reach first; `make soak` fuzzes every target for ten minutes.
FUZZ := cxp:FuzzRequest cxp:FuzzResponse cxp:FuzzJWE cxp:FuzzZip cxp/cxf:FuzzRead cxp/cxf:FuzzParsePrivateKey \
	$(addprefix cxp/formats,:FuzzZip /aliasvault:FuzzRead /bitwarden:FuzzRead /csv:FuzzRead /cxfjson:FuzzRead /kdbx:FuzzFile \
	/kdbx:FuzzContent /keepassxc:FuzzRead /onepux:FuzzRead /protonpass:FuzzRead /protonpass:FuzzContent)

.PHONY: test-fuzz
test-fuzz: ## five seconds of fuzzing for each parser of the exchange and of other managers' files
	.ci/fuzz 5s $(FUZZ)

.PHONY: test-extension
test-extension: extension/node_modules ## the extension's unit tests
	$(NPM) run --silent test

.PHONY: test-e2e
test-e2e: setup-test build build-test relying-party ## both browsers against two relying parties
	node extension/e2e/lib/run-files.mjs extension/e2e/*.test.mjs

.PHONY: bench
bench: setup-test build build-test relying-party ## speed as ratios against floors measured in the same run
	node extension/e2e/bench.mjs
	KEYFERRY_BENCH=1 go test -count=1 -run TestFigures -v ./vault ./cxp/formats/all
	go test -run '^$$' -bench . -benchtime 2x ./cxp ./cxp/cxf ./cxp/formats/...
	KEYFERRY_BENCH=1 go test -count=1 -run TestDirectFigures -v ./host/agent

.PHONY: soak
soak: setup-test build build-test relying-party ## the long runs: torture, fuzzing, cross and reproducible builds
	.ci/soak

.PHONY: clean
clean: ## remove what was built
	rm -rf build extension/node_modules

.PHONY: setup-demo
setup-demo:
	@command -v go >/dev/null || { echo "setup: Go 1.26 or newer is missing: https://go.dev/dl"; exit 1; }
	@command -v node >/dev/null || { echo "setup: Node 20 or newer is missing: https://nodejs.org"; exit 1; }
	@.ci/setup $(BROWSERS) zip=zip

.PHONY: setup-test
setup-test: setup-demo
	@.ci/setup $(TEST_PACKAGES)

# Not `npm ci`: it refuses a lock without the packages of systems that a registry does not carry. Versions and hashes are the lock's.
extension/node_modules: extension/package-lock.json
	@echo "setup: npm packages of the extension (pinned, no install scripts)"
	@npm --prefix extension install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(TOOLS)/staticcheck:
	@GOBIN=$(abspath $(TOOLS)) go install $(STATICCHECK)

$(TOOLS)/depguard:
	@GOBIN=$(abspath $(TOOLS)) go install $(DEPGUARD)

.PHONY: install
install: build ## put this checkout's Keyferry into your browsers, and say what is left to do
	@installers/package/install "$(abspath build)"

.PHONY: packages
packages: build-extension ## every package, reproducibly, under build/packages
	@command -v wixl >/dev/null || .ci/setup wixl=wixl
	installers/package/build build/packages $(VERSION)

.PHONY: prove-deb
prove-deb: setup-test build-extension relying-party ## install the deb by apt in a mount namespace, sign in with both browsers, open a file, remove it all (root)
	installers/package/prove/run build/packages/keyferry-$(VERSION)-amd64.deb
