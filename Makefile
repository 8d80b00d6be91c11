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
SHAPES := examples/shapes/bin/$(CONFIGURATION)/net10.0/Shapes
CLI_TESTS := tests/DiffusionDpo.Cli.Tests/bin/$(CONFIGURATION)/net10.0/DiffusionDpo.Cli.Tests

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

.PHONY: fuzz
fuzz: build ## a hundred times as many mutated files for every reader as the ordinary tests feed (an hour)
	@for project in Models Data Api Training; do \
	  DDPO_LONG=1 tests/DiffusionDpo.$$project.Tests/bin/$(CONFIGURATION)/net10.0/DiffusionDpo.$$project.Tests --filter-namespace "DiffusionDpo.$$project.Tests.Fuzzing"; \
	done

.PHONY: soak-interruptions
soak-interruptions: build ## ten storms of kills; every write, flush, rename and removal of a run fails once, or is its last; twenty killed preparations (hours)
	@eng/test-services.sh
	@DDPO_LONG=1 tests/DiffusionDpo.Cli.Tests/bin/$(CONFIGURATION)/net10.0/DiffusionDpo.Cli.Tests --filter-class '*.KillStormTests' '*.FaultyDiskTests' '*.PrepareTests' --output Detailed

.PHONY: parity
parity: build ## only the comparisons with the Python reference; DDPO_GOLDENS=DIR takes other goldens of the same layout
	@CONFIGURATION=$(CONFIGURATION) eng/test.sh --filter-trait "Category=Parity"

.PHONY: quickstart
quickstart: build ## a tiny model learns a taste for warm colours: data, Diffusion-DPO, 256 samples judged before and after, a report (3 minutes)
	@rm -rf runs/quickstart
	@$(SHAPES) data runs/quickstart/data
	@$(DDPO) run examples/quickstart.yaml
	@$(SHAPES) compare examples/shapes/model runs/quickstart/run/model runs/quickstart

.PHONY: quickstart-storage
quickstart-storage: quickstart ## the quickstart's file with everything on s3:// and az:// of servers on this machine, killed once and gone on with elsewhere: the same weights (15 minutes)
	@eng/test-services.sh
	@DDPO_QUICKSTART=$(CURDIR)/runs/quickstart eng/with-object-stores.sh $(CLI_TESTS) --filter-method '*.The_quickstart_*'

CONTROL_SEEDS := 7 8 9 10 11
.PHONY: quickstart-control
quickstart-control: build ## the same five times with shuffled labels, each with another seed: on average nothing is learned (8 minutes)
	@rm -rf runs/quickstart-control
	@$(SHAPES) data runs/quickstart-control/data --shuffled
	@for seed in $(CONTROL_SEEDS); do \
	  sed "s|: quickstart$$|: quickstart-control|; s|\.\./runs/quickstart/run|run-$$seed|; s|\.\./runs/quickstart/||; s|shapes/model|../../examples/shapes/model|; s|seed: 7|seed: $$seed|; s|resolution: 64|&\n    cacheUri: cache|" \
	    examples/quickstart.yaml > runs/quickstart-control/seed-$$seed.yaml && $(DDPO) run runs/quickstart-control/seed-$$seed.yaml || exit 1; \
	done
	@$(SHAPES) control examples/shapes/model runs/quickstart-control $(CONTROL_SEEDS:%=runs/quickstart-control/run-%/model)

.PHONY: shapes-model
shapes-model: build ## make the quickstart's base model examples/shapes/model anew, from random weights (30 minutes)
	@rm -rf runs/shapes
	@$(SHAPES) base runs/shapes tests/goldens/tiny-sd15/tokenizer
	@$(DDPO) run examples/shapes/base.yaml
	@$(DDPO) run examples/shapes/fine.yaml
	@rm -rf examples/shapes/model
	@cp -r runs/shapes/fine/model examples/shapes/model

RUN ?= runs/quickstart/run
.PHONY: screenshots
screenshots: build ## draw docs/images/*.png from the report of a finished run with Chromium; RUN=DIR takes another than the quickstart's
	@eng/test-services.sh
	@rm -f docs/images/report-*.png
	@$(DDPO) report $(RUN)
	@DDPO_SCREENSHOTS=$(RUN) $(CLI_TESTS) --filter-class '*.ScreenshotTests'
	@for name in before after; do if [ -f $(RUN)/../$$name.png ]; then cp $(RUN)/../$$name.png docs/images/shapes-$$name.png; fi; done
	@ls -l docs/images/report-light.png docs/images/report-dark.png docs/images/report-phone.png

.PHONY: bench
bench: build ## steps per second, time by phase, memory and kernel share of the training step (minutes)
	@$(BENCH)

.PHONY: memory-table
memory-table: build ## what the memory plan says of SD1.5 and SDXL on GPUs (docs/benchmarks.md); a plan, no measurement, and no GPU is needed
	@$(BENCH) --case gpu-plans

.PHONY: bench-storage
bench-storage: build ## uploads, pairs from shards, the stage Prepare and prepared pairs, with an S3 server and Azurite on this machine (30 minutes, 12 GB of memory)
	@eng/test-services.sh
	@eng/with-object-stores.sh $(BENCH) --case upload --case data --case prepared

.PHONY: test-gpu
test-gpu: build ## parity, precision, memory and speed of the step on a GPU; skips where there is none. DDPO_LIBTORCH=DIR: the torch/lib of a PyTorch 2.10 with CUDA
	@tests/Gpu/bin/$(CONFIGURATION)/net10.0/Gpu

.PHONY: full-size
full-size: build ## fine-tune SD1.5 and SDXL at their real size with random weights: LoRA and all weights (30 minutes, 22 GB of memory, 30 GB of disk); CASE=name runs one
	@tests/FullSize/bin/$(CONFIGURATION)/net10.0/FullSize $(CASE)

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

.PHONY: docs-fields
docs-fields: crds ## write the fields of docs/run-file.md, and crds/, from the C# types
	@dotnet build src/DiffusionDpo.Cli --no-restore -c $(CONFIGURATION) -v quiet
	@{ sed '/^<!-- fields -->$$/q' docs/run-file.md; echo; $(DDPO) explain --markdown; } > docs/run-file.md.new
	@mv docs/run-file.md.new docs/run-file.md

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
