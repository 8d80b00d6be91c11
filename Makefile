# Everything one can do here. `make` lists it.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
CONFIGURATION ?= Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

DDPO := src/DiffusionDpo.Cli/bin/$(CONFIGURATION)/net10.0/ddpo
OPERATOR := src/DiffusionDpo.Operator/bin/$(CONFIGURATION)/net10.0/operator
BENCH := tests/Benchmarks/bin/$(CONFIGURATION)/net10.0/Benchmarks
SCIENCE := tests/Science/bin/$(CONFIGURATION)/net10.0/Science
OPERATOR_TESTS := tests/DiffusionDpo.Operator.Tests/bin/$(CONFIGURATION)/net10.0/DiffusionDpo.Operator.Tests
BENCH_OPERATOR := tests/OperatorBench/bin/$(CONFIGURATION)/net10.0/OperatorBench
QUICKSTART := examples/Quickstart/bin/$(CONFIGURATION)/net10.0/Quickstart

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "%-16s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## check the machine; install system packages where that is possible
	@eng/setup.sh

.PHONY: restore
restore: setup ## restore packages at the locked versions
	@dotnet restore DiffusionDpo.sln --locked-mode -v quiet

.PHONY: build
build: restore ## build everything
	@dotnet build DiffusionDpo.sln --no-restore -c $(CONFIGURATION) -v quiet

.PHONY: test
test: build ## build and run all tests; the last line says how many passed and failed
	@eng/test-services.sh
	@CONFIGURATION=$(CONFIGURATION) eng/test.sh

.PHONY: test-faults
test-faults: build ## 10,000 faults between the operator's caches and the API server instead of the few hundred of the ordinary tests
	@DDPO_LONG=1 tests/DiffusionDpo.KubeOps.Tests/bin/$(CONFIGURATION)/net10.0/DiffusionDpo.KubeOps.Tests --filter-class '*ReflectorFaultTests'

.PHONY: parity
parity: build ## only the comparisons with the Python reference; DDPO_GOLDENS=DIR takes other goldens of the same layout
	@CONFIGURATION=$(CONFIGURATION) eng/test.sh --filter-trait "Category=Parity"

.PHONY: quickstart
quickstart: build ## make a small preference data set, fine-tune a tiny SD1.5-shaped model on it, say what it learned
	@rm -rf runs/quickstart
	@$(QUICKSTART) data runs/quickstart/data
	@$(DDPO) run examples/quickstart.yaml
	@echo "(The tiny model's autoencoder is random: its samples show noise, see examples/README.md."
	@echo " For pictures put a real model and real shards into the YAML.)"

.PHONY: quickstart-model
quickstart-model: build ## make the quickstart's base model examples/tiny-sd15 anew: train it from random weights (10 minutes)
	@rm -rf runs/quickstart-base
	@$(QUICKSTART) base runs/quickstart-base tests/goldens/tiny-sd15/tokenizer
	@$(DDPO) run examples/quickstart-base.yaml
	@rm -rf examples/tiny-sd15
	@cp -r runs/quickstart-base/run/model examples/tiny-sd15

.PHONY: bench
bench: build ## steps per second, time by phase, memory and kernel share of the training step (minutes)
	@$(BENCH)

.PHONY: science
science: build ## try the theory on problems whose answer is known, write docs/science.md and its plots (10 minutes); EXPERIMENT=name runs one
	@OMP_NUM_THREADS=1 $(SCIENCE) $(if $(EXPERIMENT),--experiment $(EXPERIMENT))

.PHONY: soak-operator
soak-operator: build ## the operator killed at every write, hand-overs between replicas, 20,000 random histories (10 to 30 minutes)
	@DDPO_LONG=1 DDPO_WALKS=$${DDPO_WALKS:-20000} $(OPERATOR_TESTS) --filter-class '*.RestartTests' '*.HandOverTests' '*.RandomWalkTests' --output Detailed

.PHONY: bench-operator
bench-operator: build ## the operator with 10,000 fine-tunes on the API server emulator: memory, latencies, writes, failover; fails where a limit is missed
	@$(BENCH_OPERATOR)

.PHONY: crds
crds: build ## write crds/ and the operator's roles from the C# types
	@$(OPERATOR) crds --output crds
	@$(OPERATOR) rbac --output charts/diffusion-dpo/manifests/roles.yaml

.PHONY: check-crds
check-crds: build ## fail if crds/ or the operator's roles are not what the C# types give
	@$(OPERATOR) crds --output crds --check
	@$(OPERATOR) rbac --output charts/diffusion-dpo/manifests/roles.yaml --check

.PHONY: verify
verify: check-crds test ## what CI does: generated files are current, code style holds (in the build), all tests pass

.PHONY: clean
clean: ## delete build outputs
	@find src tests examples -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
	@rm -rf artifacts
