# ctcohort. `make demo` and `make test` set up everything they need under build/.
SHELL := /bin/bash
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV   := build/venv
PY     := $(VENV)/bin/python
GO     := go
DEMO   := build/demo

.PHONY: help build onnxruntime openvino codecs duckdb venv demo analysis test test-go test-python lint generate demo-models tables bench bench-deid bench-memory bench-resample bench-series bench-codecs bench-shards bench-metrics bench-infer clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

build: build/ctcohort onnxruntime codecs duckdb ## build/ctcohort; ONNX Runtime, OpenJPEG and DuckDB under build/

build/ctcohort: $(shell find . -name '*.go' -not -path './build/*') $(shell find transforms -path '*templates*' -type f) go.mod go.sum
	$(GO) build -o $@ ./pipelines/ctcohort

onnxruntime: ## fetch the pinned ONNX Runtime, unless it is there
	sh wheels/fetch.sh onnxruntime build/onnxruntime

openvino: ## fetch the pinned ONNX Runtime with OpenVINO (84 MB), for the provider of that name, unless it is there
	sh wheels/fetch.sh openvino build/openvino

codecs: ## fetch the pinned OpenJPEG, unless it is there
	sh wheels/fetch.sh codecs build/codecs

duckdb: ## fetch the pinned DuckDB program, unless it is there
	sh wheels/fetch.sh duckdb build/duckdb

venv: $(VENV)/.complete ## the Python environment for training and tests

$(VENV)/.complete: train/requirements.txt
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# A run that rejects some input ends with status 3; the demo plants bad files, so that is how it must end.
demo: build ## a phantom archive through all stages: prints the metrics table and where the report lies
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@(umask 077; echo "the demo's key: phantoms have no identity to protect" > $(DEMO)/pseudonym.key)
	build/ctcohort phantom --out $(DEMO)/archive/china --cohort china --patients 9 --seed 7 --size 128
	build/ctcohort phantom --out $(DEMO)/archive/germany --cohort germany --patients 3 --seed 7 --size 128
	build/ctcohort run --config configs/demo.yaml || test $$? -eq 3

analysis: build venv ## write the demo's answers into docs/analysis.md, after `make demo`
	build/ctcohort query --in $(DEMO)/out --views > $(DEMO)/views.sql
	$(PY) test/check_analysis.py $(DEMO)/out $(DEMO)/views.sql --fill

test: lint test-go test-python engines-test ## everything: Go, Python, and Beam's engines where there is Java

test-go: build venv
	CTCOHORT_SLOW=1 CTCOHORT_PYTHON=$(abspath $(PY)) $(GO) test -timeout 20m ./...

test-python: venv
	$(PY) -m pytest -q train

# Beam's job servers come from Maven, 150 MB for Flink and 260 for Spark; test/engines/pom.xml pins them.
build/engines/%.classpath: test/engines/pom.xml
	@mkdir -p $(@D)
	mvn -q -B -f $< -P $* dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=$(abspath $@)

.PHONY: engines-test flink-test spark-test
engines-test: ENGINES := flink spark
flink-test: ENGINES := flink
spark-test: ENGINES := spark
engines-test: ## the phantom through Flink and Spark: the same bytes as here
flink-test: ## the phantom through Flink
spark-test: ## the phantom through Spark
engines-test flink-test spark-test: build
	@if java -version >/dev/null 2>&1 && mvn -version >/dev/null 2>&1 && unshare --user --map-root-user --net ip link set lo up 2>/dev/null; then \
		$(MAKE) --no-print-directory $(ENGINES:%=build/engines/%.classpath) && CTCOHORT_ENGINES="$(ENGINES)" $(GO) test -v -count=1 -timeout 20m -run TestEngines ./test; \
	else \
		echo "SKIPPED $@ ($(ENGINES)): it needs Java 17, Maven, and unshare and ip for a network of its own"; \
	fi

.PHONY: faults soak bench-cores bench-scale
faults: ## what runs are made to survive, tried: kills, full disks, hostile files and more; writes docs/faults.md
	CTCOHORT_SLOW=1 CTCOHORT_FAULTS=$(abspath docs/faults.md) $(GO) test ./test -run TestFaults -count=1 -timeout 30m

soak: ## the same with 50 kills
	CTCOHORT_SLOW=1 CTCOHORT_SOAK=1 CTCOHORT_FAULTS=$(abspath docs/faults.md) $(GO) test ./test -run TestFaults -count=1 -timeout 3h -v

lint: venv
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(PY) -m ruff check --config train/ruff.toml train test
	$(PY) -m ruff format --config train/ruff.toml --check train test
	$(VENV)/bin/hadolint --ignore DL3008 docker/Dockerfile # Debian's versions are the image's

generate: ## make the generated files anew (needs the PS3.15 table; see transforms/deid)
	$(GO) generate ./...

demo-models: build venv ## train the committed models from nothing but phantoms, in under two hours on 2 cores
	train/demo_models.sh

tables: build venv ## Tables I and II of the paper on phantoms, as docs/tables.md: an hour on 2 cores
	train/tables.sh

BENCH := build/bench-venv

# The other tools come in three parts, of versions that agree; volumes has PyTorch.
$(BENCH)/.complete: test/bench/requirements.txt
$(BENCH)/.volumes: test/bench/requirements-volumes.txt
$(BENCH)/.shards: test/bench/requirements-shards.txt
$(BENCH)/.complete $(BENCH)/.volumes $(BENCH)/.shards:
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

bench: build venv bench-deid bench-memory bench-resample bench-series bench-codecs bench-shards bench-metrics bench-infer bench-cores ## benchmarks: side by side with other tools, and of the parts
	$(GO) test -run '^$$' -bench . -benchmem ./io/... ./model/... ./transforms/...

bench-deid: build/ctcohort $(BENCH)/.complete ## de-identification against other tools: docs/benchmarks/deidentification.md
	$(BENCH)/bin/python test/bench/deid.py

bench-memory: build/ctcohort $(BENCH)/.complete ## memory on large and hostile files and whole series: docs/benchmarks/memory.md, memory-volumes.md
	$(BENCH)/bin/python test/bench/memory.py
	$(BENCH)/bin/python test/bench/memory_volumes.py

bench-resample: $(BENCH)/.volumes ## resampling against other libraries: docs/benchmarks/resampling.md
	$(BENCH)/bin/python test/bench/resample.py

bench-series: $(BENCH)/.volumes ## reading series against SimpleITK: docs/benchmarks/series.md
	$(BENCH)/bin/python test/bench/series.py

bench-codecs: codecs $(BENCH)/.volumes ## decoding against other libraries: docs/codecs.md
	$(BENCH)/bin/python test/bench/codecs.py build/bench-codecs
	CTCOHORT_ENCODED=$(abspath build/bench-codecs) $(GO) test ./io/dicomio -run Encoded -bench Encoded

bench-shards: $(BENCH)/.shards ## shards of patches against other formats: docs/benchmarks/shards.md
	$(BENCH)/bin/python test/bench/shards.py

bench-metrics: $(BENCH)/.volumes ## measures against MONAI's: docs/benchmarks/metrics.md
	$(BENCH)/bin/python test/bench/metrics.py

bench-infer: build openvino $(BENCH)/.volumes ## inference against MONAI on PyTorch and on ONNX Runtime: docs/benchmarks/inference.md
	$(BENCH)/bin/python test/bench/infer.py

bench-cores: build ## how busy each stage keeps the cores: docs/benchmarks/cores.md
	$(PYTHON) test/bench/cores.py

bench-scale: build ## time and memory as patients grow, 50, 200 and 861: docs/scale.md
	$(PYTHON) test/bench/scale.py

clean: ## remove what was built; the archive and results of the demo too
	rm -rf build
