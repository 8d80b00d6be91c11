# Everything one can do here. `make` lists it.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
CONFIGURATION ?= Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -t -s "$$(printf '\t')"

.PHONY: restore
restore: ## restore packages at the locked versions
	@dotnet restore DiffusionDpo.sln --locked-mode -v quiet

.PHONY: build
build: restore ## build everything
	@dotnet build DiffusionDpo.sln --no-restore -c $(CONFIGURATION) -v quiet

.PHONY: test
test: build ## build and run all tests; the last line says how many passed and failed
	@CONFIGURATION=$(CONFIGURATION) eng/test.sh

.PHONY: clean
clean: ## delete build outputs
	@find src tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
	@rm -rf artifacts
